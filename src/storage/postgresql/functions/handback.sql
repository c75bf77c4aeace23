-- Giving jobs back, and taking them from servers that are gone.

-- The claim never was: state, instants and place are those from before.
CREATE OR REPLACE FUNCTION :schema.undo_claim(j :schema.job, no_handler boolean, now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  left_lane integer := j.lane;
BEGIN
  IF no_handler THEN
    SELECT :schema.lane_number(queue, j.name, suspect) INTO j.lane FROM :schema.lane
    WHERE number = j.lane;
  END IF;
  IF j.reported = j.epoch + 1 THEN
    -- News that came of this run.
    j.start_delay := NULL;
    j.progress := NULL;
  END IF;
  j.epoch := j.epoch + 2;
  PERFORM :schema.count_change(now, left_lane, 4::smallint, j.lane, j.state);
  PERFORM :schema.write(j, 1);
  PERFORM :schema.note_returned(j.lane, j.place);
END $$;

-- Null: somebody's transaction has it, and is not waited for.
CREATE OR REPLACE FUNCTION :schema.give_back(a_job uuid, an_epoch bigint, a_claim bigint,
  a_reason integer, now timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  j :schema.job;
BEGIN
  SELECT * INTO j FROM :schema.job WHERE id = a_job FOR UPDATE SKIP LOCKED;
  IF NOT FOUND AND EXISTS (SELECT FROM :schema.job WHERE id = a_job) THEN
    RETURN NULL;
  END IF;
  IF NOT FOUND OR j.kind <> 0 OR j.epoch <> an_epoch - 1 OR :schema.is_ready(j) THEN
    DELETE FROM :schema.stopping WHERE job = a_job AND epoch = an_epoch;
    RETURN false;
  END IF;
  IF a_reason = 1 OR j.marks & 64 <> 0 THEN
    PERFORM :schema.take_away(j, :schema.holding_of(a_job, an_epoch, a_claim),
                              '{"name":"Enqueued","reason":"Its server was stopped"}', now);
  ELSE
    PERFORM :schema.undo_claim(j, a_reason = 2, now);
  END IF;
  RETURN true;
END $$;

-- How many were given back, and the positions in the arrays of those that somebody else has.
CREATE OR REPLACE FUNCTION :schema.release(shift interval, ids uuid[], all_epochs bigint[],
  claims bigint[], reasons integer[], OUT released integer, OUT busy integer[])
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
BEGIN
  SELECT count(*) FILTER (WHERE given), coalesce(array_agg(n) FILTER (WHERE given IS NULL), '{}')
  INTO released, busy
  FROM (
    SELECT n, :schema.give_back(u.id, u.epoch, nullif(u.claim, 0), u.reason, now) AS given
    FROM unnest(ids, all_epochs, claims, reasons) WITH ORDINALITY
      AS u (id, epoch, claim, reason, n)) each;
END $$;

-- Its claims and notes go; its row stays for the history.
CREATE OR REPLACE FUNCTION :schema.strike_off(a_server integer)
RETURNS void LANGUAGE sql AS $$
  DELETE FROM :schema.claim WHERE server = a_server;
  DELETE FROM :schema.stopping WHERE server = a_server;
  UPDATE :schema.server SET present = false, queues = '{}', job_names = '{}'
  WHERE number = a_server;
$$;

-- Locks out the server's claims until the end of the transaction. Returns its number, or nothing
-- when it is not there (any more).
CREATE OR REPLACE FUNCTION :schema.lock_server(server_id uuid)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  a_number integer;
BEGIN
  SELECT number INTO a_number FROM :schema.server WHERE id = server_id AND present;
  PERFORM pg_advisory_xact_lock(:schema.server_lock_class(), a_number) WHERE a_number IS NOT NULL;
  SELECT number INTO a_number FROM :schema.server WHERE id = server_id AND present FOR UPDATE;
  RETURN a_number;
END $$;

-- What somebody else has stays, and the server with it, for those who reclaim.
CREATE OR REPLACE FUNCTION :schema.remove_server(shift interval, server_id uuid)
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
  a_number integer := :schema.lock_server(server_id);
  h record;
  is_complete boolean := true;
BEGIN
  IF a_number IS NULL THEN
    RETURN;
  END IF;
  FOR h IN SELECT * FROM :schema.held(server_id) LOOP
    IF :schema.give_back(h.job, h.epoch, h.claim, 1, now) IS NULL THEN
      is_complete := false;
    END IF;
  END LOOP;
  IF is_complete THEN
    PERFORM :schema.strike_off(a_number);
  END IF;
END $$;

-- The first row says how many were requeued; one more row for each that is poison.
CREATE OR REPLACE FUNCTION :schema.reclaim(shift interval, servers uuid[], by uuid,
  crash_limit integer)
RETURNS TABLE (requeued integer, execution :schema.execution) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
  by_number integer;
  a_server uuid;
  a_number integer;
  a_claim bigint := :schema.new_claim_number();
  h record;
  j :schema.job;
  crashes integer;
  is_complete boolean;
  poisoned uuid[] := '{}';
  poisoned_epochs bigint[] := '{}';
BEGIN
  requeued := 0;
  SELECT number INTO by_number FROM :schema.server WHERE id = by AND present;
  PERFORM pg_advisory_xact_lock_shared(:schema.server_lock_class(), by_number)
  WHERE by_number IS NOT NULL;
  -- It may have gone before the lock was had.
  SELECT number INTO by_number FROM :schema.server WHERE id = by AND present;
  -- In one order for all who reclaim at the same time.
  PERFORM :schema.lock_server(s) FROM (SELECT DISTINCT s FROM unnest(servers) s ORDER BY s) ordered;
  FOREACH a_server IN ARRAY servers LOOP
    SELECT number INTO a_number FROM :schema.server WHERE id = a_server AND present;
    CONTINUE WHEN a_number IS NULL;
    is_complete := true;
    FOR h IN SELECT * FROM :schema.held(a_server) LOOP
      SELECT * INTO j FROM :schema.job WHERE id = h.job FOR UPDATE SKIP LOCKED;
      IF NOT FOUND AND EXISTS (SELECT FROM :schema.job WHERE id = h.job) THEN
        -- Somebody's transaction has it. The others go ahead; the next call takes what is left.
        is_complete := false;
        CONTINUE;
      END IF;
      CONTINUE WHEN NOT FOUND OR j.epoch <> h.epoch - 1 OR j.kind <> 0 OR :schema.is_ready(j);
      crashes := coalesce(j.crashes, 0) + CASE WHEN j.marks & 32 <> 0 THEN 1 ELSE 0 END;
      j.crashes := nullif(crashes, 0);
      j.marks := j.marks | 8 | 32;
      IF by_number IS NOT NULL AND by_number <> a_number AND crash_limit > 0
         AND crashes >= crash_limit THEN
        -- Held by the caller under the next epoch, without having been ready in between.
        j := :schema.leave(j, :schema.holding_of(h.job, h.epoch, h.claim));
        j.epoch := j.epoch + 1;
        j.marks := j.marks | 64;
        j.reason := NULL;
        j.data := NULL;
        j.place := :schema.place_of(:schema.priority_of(j.place), nextval(':schema.position'));
        UPDATE :schema.job SET epoch = j.epoch, marks = j.marks, place = j.place, reason = NULL,
          data = NULL, crashes = j.crashes, server = j.server, claimed_at = j.claimed_at,
          start_delay = j.start_delay, progress = j.progress
        WHERE id = j.id;
        poisoned := poisoned || j.id;
        poisoned_epochs := poisoned_epochs || j.epoch + 1;
      ELSE
        PERFORM :schema.take_away(j, :schema.holding_of(h.job, h.epoch, h.claim),
          '{"name":"Enqueued","reason":"Its server stopped responding"}', now);
        requeued := requeued + 1;
      END IF;
    END LOOP;
    IF is_complete THEN
      PERFORM :schema.strike_off(a_number);
    END IF;
    PERFORM :schema.tell(ARRAY['server/' || a_server]);
  END LOOP;
  RETURN NEXT;
  IF cardinality(poisoned) > 0 THEN
    -- A token below all real ones, and never given twice.
    INSERT INTO :schema.claim (number, server, token, at, jobs, epochs)
    VALUES (a_claim, by_number, -a_claim, now, poisoned, poisoned_epochs);
    FOR execution IN SELECT * FROM :schema.executions(a_claim, poisoned, poisoned_epochs, now) LOOP
      RETURN NEXT;
    END LOOP;
  END IF;
END $$;
