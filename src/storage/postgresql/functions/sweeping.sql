-- Members of deleted batches that have not ended are deleted too, in steps.

-- Whether it was moved. Null: somebody's transaction has it, or what depends on it. `alone`: what
-- fails because of that is undone here, and costs nobody else anything.
CREATE OR REPLACE FUNCTION :schema.sweep_member(a_job uuid, a_retention bigint, alone boolean,
  now timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  located record;
  change jsonb := jsonb_build_object('job', a_job, 'state', jsonb_strip_nulls(jsonb_build_object(
    'name', 'Deleted', 'kind', 5, 'ending', 2, 'reason', 'Its batch was deleted',
    'retention', a_retention)));
BEGIN
  SELECT * INTO located FROM :schema.lock_job(a_job, false);
  IF located.place_of_row = 3 THEN
    RETURN NULL;
  ELSIF located.place_of_row = 0 OR :schema.ends_member((located.j).state) THEN
    RETURN false;
  ELSIF (located.j).marks & 256 <> 0 AND NOT :schema.try_limit_of(a_job) THEN
    RETURN NULL;
  END IF;
  IF NOT alone THEN
    PERFORM :schema.apply_transition(change, now);
    RETURN true;
  END IF;
  BEGIN
    PERFORM :schema.apply_transition(change, now);
    PERFORM :schema.settle_batches(now);
    PERFORM :schema.settle_limits(now);
    RETURN true;
  EXCEPTION WHEN lock_not_available THEN
    RETURN NULL;
  END;
END $$;

-- The sweep of a batch is over; so is the batch, if its job has gone meanwhile.
CREATE OR REPLACE FUNCTION :schema.end_sweep(b :schema.batch)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE :schema.batch SET swept_up_to = 9223372036854775807 WHERE position = b.position;
  DELETE FROM :schema.batch WHERE position = b.position
    AND NOT EXISTS (SELECT FROM :schema.job WHERE id = b.id)
    AND NOT EXISTS (SELECT FROM :schema.finished WHERE id = b.id);
END $$;

-- Looks at no more than `max` members.
CREATE OR REPLACE FUNCTION :schema.sweep_batches(max integer, alone boolean, now timestamptz,
  OUT moved integer, OUT examined integer, OUT is_blocked boolean)
LANGUAGE plpgsql AS $$
DECLARE
  b :schema.batch;
  m record;
  room integer;
  is_moved boolean;
BEGIN
  moved := 0;
  examined := 0;
  is_blocked := false;
  b.position := -1;
  WHILE examined < max LOOP
    -- Another process sees to those that are locked.
    SELECT * INTO b FROM :schema.batch
    WHERE swept_up_to < 9223372036854775807 AND position > b.position
    ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED;
    EXIT WHEN NOT FOUND;
    room := max - examined;
    is_moved := true;
    FOR m IN
      SELECT * FROM (
        (SELECT id, position FROM :schema.job
         WHERE batch = b.id AND position > b.swept_up_to ORDER BY position LIMIT room)
        UNION ALL
        (SELECT id, position FROM :schema.finished
         WHERE batch = b.id AND position > b.swept_up_to
           AND expires_at > (SELECT expired_until FROM :schema.horizon)
         ORDER BY position LIMIT room)) members
      ORDER BY position LIMIT room
    LOOP
      is_moved := :schema.sweep_member(m.id, b.retention, alone, now);
      EXIT WHEN is_moved IS NULL;
      room := room - 1;
      examined := examined + 1;
      moved := moved + is_moved::integer;
      b.swept_up_to := m.position;
    END LOOP;
    is_blocked := is_blocked OR is_moved IS NULL;
    IF is_moved IS NOT NULL AND room > 0 THEN
      PERFORM :schema.end_sweep(b);
    ELSE
      UPDATE :schema.batch SET swept_up_to = b.swept_up_to WHERE position = b.position;
    END IF;
  END LOOP;
END $$;
