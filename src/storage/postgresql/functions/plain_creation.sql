-- Creating what is plain, many jobs at a time or one, at the lowest price.

-- Those of the named batches that have to be there before, or nothing: some are made by the same
-- call, ahead of their members.
CREATE OR REPLACE FUNCTION :schema.batches_named(units integer[], ids uuid[], batches uuid[],
  lasting text[], existing integer[])
RETURNS uuid[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(DISTINCT m.batch)
  FROM unnest(units, batches) WITH ORDINALITY AS m (unit, batch, n)
  WHERE m.batch IS NOT NULL AND m.unit <> ALL (existing) AND NOT EXISTS (
    SELECT FROM unnest(units, ids, lasting) WITH ORDINALITY AS b (unit, id, lasting, n)
    WHERE b.id = m.batch AND b.lasting IS NOT NULL AND b.unit <> ALL (existing) AND b.n < m.n);
$$;

-- The same as `takes_members` for several.
CREATE OR REPLACE FUNCTION :schema.all_take_members(batches uuid[])
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM :schema.batch WHERE id = ANY (batches) ORDER BY position DESC FOR UPDATE;
  RETURN NOT EXISTS (SELECT FROM unnest(batches) AS one (id)
                     WHERE NOT :schema.is_open_batch(one.id));
END $$;

-- Jobs that can only be created or exist, many at a time: without parents, keys or words, ready or,
-- with a due time (microseconds) or a delay, timed. `units` says which belong together; returns
-- those of which a job existed, and creates none of theirs. `batches` are what they are members of;
-- `lasting` is given for those that are batches themselves: their states. Either may be empty.
-- Where something is wrong with a batch nothing is created, and all units are returned as not
-- there: `commit_units` knows what to say of them.
--
-- Ids are ordered by time, so that those of new jobs lie in a narrow range in which, as a rule,
-- there is nothing yet: one look at each index tells that none of them exists. Where `are_new` says
-- that nobody has heard of any of them before, that is believed; the primary key would object.
CREATE OR REPLACE FUNCTION :schema.create_many(shift interval, units integer[], ids uuid[],
  names text[], all_arguments text[], queues text[], priorities integer[], all_parameters text[],
  dues bigint[], delays bigint[], batches uuid[], lasting text[], are_new boolean)
RETURNS TABLE (a_unit integer, is_there boolean) LANGUAGE plpgsql
SET lock_timeout = '50ms' SET enable_seqscan = off SET jit = off AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
  one_lane integer;
  sorted uuid[];
  lowest uuid;
  highest uuid;
  existing integer[] := '{}';
  named uuid[];
BEGIN
  IF NOT are_new THEN
    -- There is no min(uuid).
    sorted := ARRAY(SELECT DISTINCT id FROM unnest(ids) id ORDER BY id);
    lowest := sorted[1];
    highest := sorted[cardinality(sorted)];
    IF cardinality(sorted) < cardinality(ids)
       OR EXISTS (SELECT FROM :schema.job WHERE id BETWEEN lowest AND highest)
       OR EXISTS (SELECT FROM :schema.finished WHERE id BETWEEN lowest AND highest)
       OR EXISTS (SELECT FROM :schema.remembered WHERE id BETWEEN lowest AND highest)
    THEN
      existing := ARRAY(
        SELECT DISTINCT unit
        FROM (SELECT unit, id, row_number() OVER (PARTITION BY id ORDER BY n) > 1 AS is_repeated
              FROM unnest(units, ids) WITH ORDINALITY AS u (unit, id, n)) given
        WHERE is_repeated OR id IN (
          SELECT id FROM :schema.job WHERE id = ANY (ids)
          UNION ALL SELECT id FROM :schema.finished WHERE id = ANY (ids)
          UNION ALL SELECT id FROM :schema.remembered WHERE id = ANY (ids)));
    END IF;
  END IF;
  IF cardinality(batches) > 0 THEN
    named := :schema.batches_named(units, ids, batches, lasting, existing);
    IF named IS NOT NULL AND NOT :schema.all_take_members(named) THEN
      RETURN QUERY SELECT DISTINCT u.unit, false FROM unnest(units) AS u (unit);
      RETURN;
    END IF;
  END IF;
  IF queues[1] = ALL (queues) THEN
    one_lane := :schema.lane_number(queues[1], '', false);
  END IF;
  WITH input AS MATERIALIZED (
    SELECT u.*, nextval(':schema.position') AS position,
           coalesce(one_lane, :schema.lane_number(u.queue, '', false)) AS lane,
           CASE WHEN due IS NOT NULL THEN :schema.from_unix(due)
                WHEN delay IS NOT NULL THEN :schema.later(now, delay) END AS until,
           CASE WHEN u.states IS NOT NULL THEN 2
                WHEN due IS NULL AND delay IS NULL THEN 0 ELSE 1 END AS kind,
           CASE WHEN u.states IS NOT NULL THEN :schema.state_number(u.states::jsonb->'state')
                WHEN due IS NULL AND delay IS NULL THEN 1 ELSE 2 END AS state
    FROM unnest(units, ids, names, all_arguments, queues, priorities, all_parameters, dues, delays,
                batches, lasting)
      AS u (unit, id, name, arguments, queue, priority, parameters, due, delay, batch, states)
    WHERE unit <> ALL (existing)),
  created AS (
    INSERT INTO :schema.job (id, position, place, created_at, since, lane, state, kind, marks, name,
                             arguments, parameters, until, batch)
    SELECT id, position, :schema.place_of(priority, position), now, now, lane, state, kind,
           CASE WHEN kind = 2 THEN 2 ELSE 0 END, name, arguments, parameters::jsonb, until, batch
    FROM input),
  begun AS (
    INSERT INTO :schema.batch (position, id, total, outstanding, opened, all_succeeded, all_ended)
    SELECT position, input.id, coalesce(count, 0), coalesce(count, 0), states::jsonb->'state',
           states::jsonb->'when_met', states::jsonb->'when_unmet'
    FROM input LEFT JOIN (
      SELECT batch AS id, count(*) FROM input WHERE batch IS NOT NULL GROUP BY batch) AS members
      ON members.id = input.id
    WHERE kind = 2),
  queued AS (
    INSERT INTO :schema.ready (lane, place, epoch, state, job)
    SELECT lane, :schema.place_of(priority, position), 0, 1, id FROM input WHERE kind = 0)
  INSERT INTO :schema.change (at, lane, left_state, entered, count)
  SELECT now, lane, 0, state, count(*) FROM input GROUP BY lane, state;
  -- Again, because one may have been finished while its row was waited for.
  IF NOT are_new AND EXISTS (SELECT FROM :schema.finished WHERE id BETWEEN lowest AND highest)
     AND EXISTS (
    SELECT FROM unnest(units, ids) AS u (unit, id) JOIN :schema.finished ON finished.id = u.id
    WHERE unit <> ALL (existing))
  THEN
    RAISE unique_violation USING MESSAGE = 'a job was created and finished by another transaction';
  END IF;

  IF named IS NOT NULL OR cardinality(lasting) > 0 THEN
    PERFORM :schema.note_batch(u.batch, count(*), count(*), 0, 0)
    FROM unnest(units, batches) AS u (unit, batch)
    WHERE u.batch = ANY (named) AND u.unit <> ALL (existing) GROUP BY u.batch;
    -- Without members they are over at once.
    PERFORM :schema.note_batch(b.id, 0, 0, 0, 0)
    FROM unnest(units, ids, lasting) AS u (unit, id, states) JOIN :schema.batch b ON b.id = u.id
    WHERE u.states IS NOT NULL AND u.unit <> ALL (existing) AND b.outstanding = 0;
    PERFORM :schema.settle_batches(now);
  END IF;

  PERFORM :schema.tell(ARRAY(
    SELECT DISTINCT CASE WHEN due IS NULL AND delay IS NULL THEN 'queue/' || queue ELSE 'due' END
    FROM unnest(queues, dues, delays, lasting) AS u (queue, due, delay, states)
    WHERE states IS NULL));
  RETURN QUERY SELECT one.unit, true FROM unnest(existing) AS one (unit);
END $$;

-- What an older release calls.
CREATE OR REPLACE FUNCTION :schema.create_plain(shift interval, units integer[], ids uuid[],
  names text[], all_arguments text[], queues text[], priorities integer[], all_parameters text[],
  dues bigint[], delays bigint[], are_new boolean)
RETURNS SETOF integer LANGUAGE sql AS $$
  SELECT a_unit FROM :schema.create_many(shift, units, ids, names, all_arguments, queues,
    priorities, all_parameters, dues, delays, NULL, NULL, are_new);
$$;

-- The same for one job. Says whether it existed.
CREATE OR REPLACE FUNCTION :schema.create_one(shift interval, an_id uuid, a_name text,
  some_arguments text, a_queue text, a_priority integer, some_parameters text)
RETURNS boolean LANGUAGE plpgsql SET lock_timeout = '50ms' AS $$
BEGIN
  IF :schema.was_created(an_id) THEN
    RETURN true;
  END IF;
  PERFORM :schema.create_new(shift, an_id, a_name, some_arguments, a_queue, a_priority,
                             some_parameters);
  -- Again, because one may have been finished while its row was waited for.
  IF EXISTS (SELECT FROM :schema.finished WHERE id = an_id) THEN
    RAISE unique_violation USING MESSAGE = 'a job was created and finished by another transaction';
  END IF;
  RETURN false;
END $$;

-- One job of which nobody has heard before, at half the price of a list of one. Where its id is
-- taken all the same, the primary key says so.
CREATE OR REPLACE FUNCTION :schema.create_new(shift interval, an_id uuid, a_name text,
  some_arguments text, a_queue text, a_priority integer, some_parameters text)
RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
  a_lane integer;
  a_position bigint := nextval(':schema.position');
  a_place bigint := a_position - a_priority::bigint * 1099511627776;
  is_awaited boolean;
  told text;
BEGIN
  -- Three statements, two of them with a question in it: a statement costs more than a row.
  INSERT INTO :schema.job (id, position, place, created_at, since, lane, state, kind, name,
                           arguments, parameters)
  VALUES (an_id, a_position, a_place, now, now,
          coalesce((SELECT number FROM :schema.lane
                    WHERE queue = a_queue AND handler = '' AND NOT suspect),
                   :schema.lane_number(a_queue, '', false)),
          1, 0, a_name, some_arguments, some_parameters::jsonb)
  RETURNING lane INTO a_lane;
  INSERT INTO :schema.ready (lane, place, epoch, state, job)
  VALUES (a_lane, a_place, 0, 1, an_id);
  INSERT INTO :schema.change (at, lane, left_state, entered, count) VALUES (now, a_lane, 0, 1, 1)
  RETURNING EXISTS (SELECT FROM :schema.waiting WHERE topic = 'queue/' || a_queue) INTO is_awaited;
  -- As `tell` does, without the call.
  IF is_awaited OR current_setting('portfire.tell_everybody', true) = 'on' THEN
    told := pg_notify('portfire.' || :schema_text, 'queue/' || a_queue);
  END IF;
END $$;
