-- What has been kept long enough, and the keeping of numbers and partitions.

-- What belongs to jobs that are removed. A key that somebody is just taking over is left to them.
CREATE OR REPLACE FUNCTION :schema.remove_belongings(ids uuid[], keys text[])
RETURNS void LANGUAGE sql AS $$
  DELETE FROM :schema.history WHERE job = ANY (ids);
  DELETE FROM :schema.log WHERE job = ANY (ids);
  DELETE FROM :schema.edge WHERE parent = ANY (ids);
  DELETE FROM :schema.stopping WHERE job = ANY (ids);
  DELETE FROM :schema.limited WHERE job = ANY (ids);
  -- While members are swept it stays, see `end_sweep`.
  DELETE FROM :schema.batch WHERE id = ANY (ids)
    AND coalesce(swept_up_to, 9223372036854775807) = 9223372036854775807;
  DELETE FROM :schema.unique_key WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM :schema.unique_key
    WHERE key = ANY (keys) AND holder = ANY (ids) AND window_until IS NULL
    FOR UPDATE SKIP LOCKED));
$$;

-- Parked jobs whose time has come. Children are decided as though it had been deleted; a batch
-- counts it as ended. `alone`: each settles its batches and limits by itself.
CREATE OR REPLACE FUNCTION :schema.expire_parked(max integer, alone boolean, now timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  j :schema.job;
  removed bigint := 0;
BEGIN
  IF NOT alone AND EXISTS (SELECT FROM :schema.limit_key) THEN
    PERFORM :schema.lock_limits(ARRAY(
      SELECT (SELECT key FROM :schema.limited WHERE job = first.id)
      FROM (SELECT id, marks FROM :schema.job WHERE kind = 4 AND until <= now
            ORDER BY until LIMIT max) AS first
      WHERE first.marks & 256 <> 0));
  END IF;
  FOR j IN
    SELECT * FROM :schema.job WHERE kind = 4 AND until <= now
    ORDER BY until LIMIT max FOR UPDATE SKIP LOCKED
  LOOP
    BEGIN
      IF j.marks & 1 <> 0 THEN
        PERFORM :schema.settle(j.id, 2, 0, now);
      END IF;
      IF j.batch IS NOT NULL AND NOT :schema.ends_member(j.state) THEN
        PERFORM :schema.note_batch(j.batch, 0, -1, 0, 0);
      END IF;
      IF j.marks & 256 <> 0 THEN
        PERFORM :schema.leave_limit(j.id);
      END IF;
      IF alone THEN
        PERFORM :schema.settle_batches(now);
        PERFORM :schema.settle_limits(now);
      END IF;
    EXCEPTION WHEN lock_not_available THEN
      -- Somebody's transaction has a child, a batch or a limit: the next time.
      CONTINUE;
    END;
    PERFORM :schema.remove_belongings(ARRAY[j.id], ARRAY[j.unique_key]);
    DELETE FROM :schema.job WHERE id = j.id;
    INSERT INTO :schema.change VALUES (now, j.lane, j.state, NULL, 1);
    IF j.created_at > now - interval '1 hour' THEN
      INSERT INTO :schema.remembered (id, at) VALUES (j.id, now) ON CONFLICT DO NOTHING;
    END IF;
    removed := removed + 1;
  END LOOP;
  RETURN removed;
END $$;

-- Finished jobs are hidden by moving the horizon; no row of theirs is touched. What expires at one
-- instant goes at once.
CREATE OR REPLACE FUNCTION :schema.expire_finished(max bigint, now timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  e record;
  removed bigint := 0;
  up_to timestamptz;
BEGIN
  FOR e IN
    SELECT expires_at, sum(count) AS jobs FROM :schema.expiry WHERE expires_at <= now
    GROUP BY expires_at ORDER BY expires_at LIMIT max
  LOOP
    EXIT WHEN removed > 0 AND removed + e.jobs > max;
    removed := removed + e.jobs;
    up_to := e.expires_at;
    EXIT WHEN removed >= max;
  END LOOP;
  IF up_to IS NOT NULL THEN
    WITH gone AS (DELETE FROM :schema.expiry WHERE expires_at <= up_to RETURNING lane, state, count)
    INSERT INTO :schema.change (at, lane, left_state, entered, count)
    SELECT now, lane, state, NULL, sum(count) FROM gone GROUP BY lane, state;
    UPDATE :schema.horizon SET expired_until = up_to WHERE expired_until < up_to;
  END IF;
  RETURN removed;
END $$;

-- Finished members that had not ended for their batch are hidden: now they count as ended. There
-- are hardly any.
CREATE OR REPLACE FUNCTION :schema.count_hidden_members(now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  h record;
BEGIN
  FOR h IN
    UPDATE :schema.finished SET marks = marks & ~128
    WHERE marks & 128 <> 0 AND expires_at <= (SELECT expired_until FROM :schema.horizon)
    RETURNING batch
  LOOP
    PERFORM :schema.note_batch(h.batch, 0, -1, 0, 0);
  END LOOP;
  PERFORM :schema.settle_batches(now);
EXCEPTION WHEN lock_not_available THEN
  -- Somebody's transaction has one of them, or its batch: the next time.
  NULL;
END $$;

CREATE OR REPLACE FUNCTION :schema.expire_jobs(max integer, with_finished boolean, alone boolean,
  now timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  removed bigint := :schema.expire_parked(max, alone, now);
BEGIN
  IF with_finished AND removed < max THEN
    removed := removed + :schema.expire_finished(max - removed, now);
  END IF;
  PERFORM :schema.settle_batches(now);
  PERFORM :schema.settle_limits(now);
  IF with_finished THEN
    PERFORM :schema.count_hidden_members(now);
  END IF;
  RETURN removed;
END $$;

-- Adds `change` up; says whether there may be more. Rows that are being written are left for the
-- next time.
CREATE OR REPLACE FUNCTION :schema.fold_changes()
RETURNS boolean LANGUAGE sql AS $$
  WITH folded AS MATERIALIZED (
    DELETE FROM :schema.change WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM :schema.change LIMIT 50000 FOR UPDATE SKIP LOCKED))
    RETURNING at, lane, left_state, entered, count),
  live AS (
    SELECT 1::smallint AS what, lane, state, '-infinity'::timestamptz AS hour, sum(n) AS count
    FROM (
      SELECT lane, entered AS state, count AS n FROM folded WHERE entered IS NOT NULL
      UNION ALL
      SELECT lane, left_state, -count FROM folded WHERE left_state > 0) moves
    GROUP BY lane, state),
  ever AS (
    SELECT at, 0::smallint AS state, count FROM folded WHERE left_state = 0
    UNION ALL
    SELECT at, entered, count FROM folded JOIN :schema.state ON number = entered
    WHERE kind IN (4, 5)),
  sums AS (
    SELECT * FROM live
    UNION ALL
    SELECT 2, 0, state, '-infinity', sum(count) FROM ever GROUP BY state
    UNION ALL
    SELECT 3, 0, state, date_trunc('hour', at, 'UTC'), sum(count) FROM ever GROUP BY 3, 4),
  written AS (
    INSERT INTO :schema.tally (what, lane, state, hour, count)
    SELECT what, lane, state, hour, count FROM sums ORDER BY 1, 2, 3, 4
    ON CONFLICT (what, lane, state, hour) DO UPDATE SET count = tally.count + excluded.count)
  SELECT count(*) >= 50000 FROM folded;
$$;

-- Partitions of a day, made a day and a half ahead. One that cannot be had just now, because
-- somebody reads the tables, is made at the next call: until then its rows go to `finished_rest`.
-- In the name of the owner: who uses the schema need not own it.
CREATE OR REPLACE FUNCTION :schema.make_partitions(now timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  slot timestamptz := date_trunc('day', now, 'UTC');
  slot_end timestamptz;
  slot_name text;
BEGIN
  WHILE slot < now + interval '36 hours' LOOP
    slot_end := slot + interval '1 day';
    IF slot_end > now
       AND NOT EXISTS (SELECT FROM :schema.finished_partition WHERE starts = slot)
       AND NOT EXISTS (SELECT FROM :schema.finished_rest
                       WHERE expires_at >= slot AND expires_at < slot_end)
    THEN
      slot_name := 'finished_' || to_char(slot AT TIME ZONE 'UTC', 'YYYYMMDD');
      EXECUTE format('CREATE TABLE :schema.%I (LIKE :schema.finished)', slot_name);
      EXECUTE format('ALTER TABLE :schema.finished ATTACH PARTITION :schema.%I '
                     'FOR VALUES FROM (%L) TO (%L)', slot_name, slot, slot_end);
      INSERT INTO :schema.finished_partition VALUES (slot, slot_end, slot_name);
    END IF;
    slot := slot_end;
  END LOOP;
EXCEPTION WHEN lock_not_available THEN
  NULL;
END $$;

-- Removes what belongs to jobs that have been hidden for an hour, of some of them and not more than
-- some lines of logs, so that no call runs for long. Says whether there is more to do.
CREATE OR REPLACE FUNCTION :schema.clear_partitions(now timestamptz)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  old constant timestamptz := now - interval '1 hour';
  most_jobs constant integer := 1000;  -- with belongings
  most_rows constant integer := 20000;
  most_lines constant integer := 20000;
  p record;
  j record;
  rows integer := 0;
  lines integer;
  has_ended boolean;
  ids uuid[] := '{}';
  keys text[] := '{}';
  last uuid;
BEGIN
  SELECT * INTO p FROM :schema.finished_partition f WHERE ends <= old AND NOT is_clear
    AND NOT EXISTS (SELECT FROM :schema.expiry WHERE expires_at < f.ends)
  ORDER BY starts LIMIT 1;
  IF FOUND THEN
    FOR j IN EXECUTE format(
      'SELECT id, unique_key, marks FROM :schema.%I WHERE id > $1 ORDER BY id LIMIT $2', p.name)
      USING coalesce(p.cleared, '00000000-0000-0000-0000-000000000000'), most_rows
    LOOP
      rows := rows + 1;
      last := j.id;
      CONTINUE WHEN j.marks = 0 AND j.unique_key IS NULL;
      ids := ids || j.id;
      keys := keys || j.unique_key;
      EXIT WHEN cardinality(ids) >= most_jobs;
    END LOOP;
    DELETE FROM :schema.log WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM :schema.log WHERE job = ANY (ids) LIMIT most_lines));
    GET DIAGNOSTICS lines = ROW_COUNT;
    IF lines >= most_lines THEN
      RETURN true;
    END IF;
    PERFORM :schema.remove_belongings(ids, keys);
    has_ended := rows < most_rows AND cardinality(ids) < most_jobs;
    UPDATE :schema.finished_partition SET cleared = coalesce(last, cleared), is_clear = has_ended
    WHERE starts = p.starts;
    RETURN NOT has_ended;
  END IF;
  WITH gone AS (
    DELETE FROM :schema.finished_rest WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM :schema.finished_rest
      WHERE expires_at <= least(old, (SELECT expired_until FROM :schema.horizon))
      LIMIT most_jobs))
    RETURNING id, unique_key)
  SELECT array_agg(id), array_agg(unique_key) INTO ids, keys FROM gone;
  PERFORM :schema.remove_belongings(ids, keys);
  RETURN coalesce(cardinality(ids), 0) >= most_jobs;
END $$;

-- Drops what has been cleared.
CREATE OR REPLACE FUNCTION :schema.drop_partitions(now timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  p record;
BEGIN
  FOR p IN SELECT * FROM :schema.finished_partition WHERE is_clear ORDER BY starts LIMIT 1 LOOP
    -- Who waits for this lock keeps everybody else waiting.
    LOCK TABLE :schema.finished IN ACCESS EXCLUSIVE MODE NOWAIT;
    EXECUTE format('DROP TABLE :schema.%I', p.name);
    DELETE FROM :schema.finished_partition WHERE starts = p.starts;
  END LOOP;
EXCEPTION WHEN lock_not_available THEN
  NULL;
END $$;

-- Bookkeeping that nobody needs any more, in portions.
CREATE OR REPLACE FUNCTION :schema.forget_the_past(now timestamptz)
RETURNS void LANGUAGE sql AS $$
  DELETE FROM :schema.remembered WHERE id = ANY (ARRAY(
    SELECT id FROM :schema.remembered WHERE at < now - interval '1 hour' ORDER BY at LIMIT 10000));
  DELETE FROM :schema.tally WHERE what = 3 AND hour < now - interval '32 days';
  DELETE FROM :schema.unique_key WHERE key = ANY (ARRAY(
    SELECT key FROM :schema.unique_key WHERE window_until < now LIMIT 10000));
  -- Claims that no driver has cleared away.
  DELETE FROM :schema.claim c WHERE at < now - interval '10 minutes'
    AND token < (SELECT max(token) FROM :schema.claim other WHERE other.server = c.server)
    AND NOT EXISTS (SELECT FROM :schema.still_held(c));
$$;

CREATE OR REPLACE FUNCTION :schema.expire(shift interval, max integer)
RETURNS TABLE (removed bigint, more boolean) LANGUAGE plpgsql
SET lock_timeout = '50ms' SET enable_seqscan = off SET jit = off AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
  -- One at a time; what another is doing need not be done again.
  is_first boolean := pg_try_advisory_xact_lock(:schema.server_lock_class(), 0);
BEGIN
  BEGIN
    removed := :schema.expire_jobs(max, is_first, false, now);
  EXCEPTION WHEN lock_not_available THEN
    PERFORM set_config('lock_timeout', '1ms', true);
    removed := :schema.expire_jobs(max, is_first, true, now);
  END;
  PERFORM set_config('lock_timeout', '0', true);
  more := removed >= max;
  IF is_first THEN
    more := :schema.fold_changes() OR more;
    more := :schema.clear_partitions(now) OR more;
    PERFORM :schema.forget_the_past(now);
    PERFORM :schema.forget_deaf();
    PERFORM :schema.forget_floors(now);
    -- Last, because this locks the tables of finished jobs until the end of the transaction.
    UPDATE :schema.horizon SET partitions_at = now
    WHERE now NOT BETWEEN partitions_at AND partitions_at + interval '1 minute';
    IF FOUND THEN
      -- Jobs that are kept for longer do not tell any more who ran them.
      DELETE FROM :schema.server WHERE NOT present AND heartbeat_at < now - interval '1 year';
      PERFORM :schema.make_partitions(now);
      PERFORM :schema.drop_partitions(now);
    END IF;
  END IF;
  RETURN NEXT;
END $$;
