-- Changes of state by guards: what a unit's transitions are made of.

-- Parameters name → text, changed by name → text or null.
CREATE OR REPLACE FUNCTION :schema.changed_parameters(parameters jsonb, changes jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN changes IS NULL THEN parameters
    ELSE nullif(jsonb_strip_nulls(coalesce(parameters, '{}') || changes), '{}') END;
$$;

-- Locks the job and says where it is: 0 nowhere, 1 in `job`, 2 in `finished`, 3 locked by another
-- transaction (only where the caller would not wait).
CREATE OR REPLACE FUNCTION :schema.lock_job(a_job uuid, waits boolean, OUT j :schema.job,
  OUT place_of_row integer, OUT past :schema.finished)
LANGUAGE plpgsql AS $$
BEGIN
  -- Twice, because it may go from one table to the other between two looks.
  FOR look IN 1..2 LOOP
    place_of_row := 1;
    IF waits THEN
      SELECT * INTO j FROM :schema.job WHERE id = a_job FOR UPDATE;
    ELSE
      SELECT * INTO j FROM :schema.job WHERE id = a_job FOR UPDATE SKIP LOCKED;
    END IF;
    IF FOUND THEN
      RETURN;
    END IF;
    place_of_row := 2;
    IF waits THEN
      SELECT * INTO past FROM :schema.finished
      WHERE id = a_job AND expires_at > (SELECT expired_until FROM :schema.horizon) FOR UPDATE;
    ELSE
      SELECT * INTO past FROM :schema.finished
      WHERE id = a_job AND expires_at > (SELECT expired_until FROM :schema.horizon)
      FOR UPDATE SKIP LOCKED;
    END IF;
    IF FOUND THEN
      j.id := past.id;
      j.position := past.position;
      j.place := past.place;
      j.epoch := past.epoch;
      j.created_at := past.created_at;
      j.since := past.since;
      j.lane := past.lane;
      j.state := past.state;
      j.kind := 5;
      j.marks := past.marks & ~128;
      j.attempt := past.attempt;
      j.name := past.name;
      j.arguments := past.arguments;
      j.until := past.expires_at;
      j.reason := past.reason;
      j.data := past.data;
      j.parameters := past.parameters;
      j.unique_key := past.unique_key;
      j.server := past.server;
      j.claimed_at := past.claimed_at;
      j.start_delay := past.start_delay;
      j.duration := past.duration;
      j.result := past.result;
      j.progress := past.progress;
      j.crashes := past.crashes;
      j.batch := past.batch;
      RETURN;
    END IF;
  END LOOP;
  place_of_row := 0;
  IF NOT waits AND (
    EXISTS (SELECT FROM :schema.job WHERE id = a_job) OR
    EXISTS (SELECT FROM :schema.finished
            WHERE id = a_job AND expires_at > (SELECT expired_until FROM :schema.horizon)))
  THEN
    place_of_row := 3;
  END IF;
END $$;

-- A finished job goes back among the others: what its columns told goes to the history.
CREATE OR REPLACE FUNCTION :schema.bring_back(INOUT j :schema.job, past :schema.finished)
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM :schema.finished WHERE id = past.id AND expires_at = past.expires_at;
  IF past.expires_at < 'infinity' THEN
    INSERT INTO :schema.expiry VALUES (past.expires_at, past.lane, past.state, -1);
  END IF;
  IF past.ready_at IS NOT NULL THEN
    PERFORM :schema.tell_history(j.id, 1::smallint, past.ready_at, false, NULL, NULL, NULL);
    PERFORM :schema.tell_history(j.id, 4::smallint, past.claimed_at, false, past.server, NULL,
                                 NULL);
  END IF;
END $$;

-- Notes that the server that held the job may still be running it, and tells it.
CREATE OR REPLACE FUNCTION :schema.note_stopping(j :schema.job, held :schema.holding)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO :schema.stopping (job, epoch, server) VALUES (j.id, j.epoch + 1, held.server)
  ON CONFLICT (job) DO UPDATE SET epoch = excluded.epoch, server = excluded.server;
  PERFORM :schema.tell(ARRAY(
    SELECT 'server/' || id FROM :schema.server WHERE number = held.server));
END $$;

-- Applies one transition, or says why not. Nothing has been written where it is refused.
CREATE OR REPLACE FUNCTION :schema.apply_transition(t jsonb, now timestamptz)
RETURNS :schema.answer LANGUAGE plpgsql AS $$
DECLARE
  a_job uuid := (t->>'job')::uuid;
  an_epoch bigint := (t->>'epoch')::bigint;
  expected text := t->>'expected_state';
  located record;
  j :schema.job;
  place_of_row integer;
  held :schema.holding;
  is_held boolean := false;
  present text;
  left_lane integer;
  left_state smallint;
BEGIN
  SELECT * INTO located FROM :schema.lock_job(a_job, an_epoch IS NULL);
  j := located.j;
  place_of_row := located.place_of_row;
  IF place_of_row = 0 THEN
    RETURN ROW(3, 1, 0, a_job, NULL, NULL):::schema.answer;
  ELSIF place_of_row = 3 THEN
    RETURN ROW(2, 0, 0, a_job, NULL, NULL):::schema.answer;
  END IF;
  IF place_of_row = 1 AND j.kind = 0 THEN
    is_held := NOT :schema.is_ready(j);
  END IF;

  FOR attempt IN 1..2 LOOP
    IF an_epoch IS NOT NULL THEN
      IF is_held AND an_epoch = j.epoch + 1 THEN
        NULL;
      ELSIF NOT is_held AND an_epoch = j.epoch THEN
        -- Only the holder can have ended it under this epoch: other ways out raise the epoch.
        RETURN ROW(1, 0, 0, NULL, NULL, NULL):::schema.answer;
      ELSE
        RETURN ROW(3, 3, 0, a_job, NULL, NULL):::schema.answer;
      END IF;
    END IF;
    IF expected IS NOT NULL THEN
      SELECT name INTO present FROM :schema.state
      WHERE number = CASE WHEN is_held THEN 4 ELSE j.state END;
      IF expected <> present THEN
        RETURN ROW(3, 2, 0, a_job, NULL, NULL):::schema.answer;
      END IF;
    END IF;
    IF j.marks & 2 <> 0 AND coalesce((t->'state'->>'kind')::integer, 0) IN (0, 1) THEN
      RETURN ROW(3, 5, 0, a_job, NULL, NULL):::schema.answer;
    END IF;
    EXIT WHEN is_held OR place_of_row = 2 OR j.kind <> 0;
    DELETE FROM :schema.ready WHERE lane = j.lane AND place = j.place;
    EXIT WHEN FOUND;
    -- A claim was faster: now it is held, and the guards are asked again.
    is_held := true;
  END LOOP;

  IF is_held THEN
    held := :schema.holding_of(j.id, j.epoch + 1, (t->>'locator')::bigint);
  END IF;
  left_lane := j.lane;
  left_state := CASE WHEN is_held THEN 4 ELSE j.state END;
  IF place_of_row = 2 THEN
    j := :schema.bring_back(j, located.past);
  END IF;
  j := :schema.leave(j, held);
  IF an_epoch IS NOT NULL THEN
    j.epoch := an_epoch;
    j.start_delay := greatest(coalesce((t->>'start_delay')::bigint, 0), 0);
    j.duration := greatest(coalesce((t->>'duration')::bigint, 0), 0);
    j.result := t->>'result';
    IF t ? 'crashes' THEN
      j.marks := j.marks | 8 | 32;
      j.crashes := nullif((t->>'crashes')::integer, 0);
    ELSE
      j.marks := j.marks & ~(8 | 32);
      j.crashes := NULL;
    END IF;
  ELSIF is_held THEN
    PERFORM :schema.note_stopping(j, held);
    j.epoch := j.epoch + 2;
  END IF;
  j.parameters := :schema.changed_parameters(j.parameters, t->'parameters');
  j.attempt := coalesce((t->>'attempt')::integer, j.attempt);
  IF t ? 'priority' THEN
    j.place := :schema.place_of((t->>'priority')::integer,
                 j.place + :schema.priority_of(j.place)::bigint * 1099511627776);
  END IF;
  IF t ? 'queue' THEN
    j.lane := :schema.lane_number(t->>'queue', '', j.marks & 32 <> 0);
  END IF;
  j := :schema.enter_and_store(j, place_of_row, left_lane, left_state, t->'state',
         t->'elected_away', coalesce((t->>'release')::integer, 0), now);
  RETURN ROW(0, 0, 0, NULL, NULL, NULL):::schema.answer;
END $$;

-- The holder of old has answered: its handler is not running any more.
CREATE OR REPLACE FUNCTION :schema.note_stopped(t jsonb)
RETURNS void LANGUAGE sql AS $$
  DELETE FROM :schema.stopping
  WHERE job = (t->>'job')::uuid AND epoch = (t->>'epoch')::bigint;
$$;
