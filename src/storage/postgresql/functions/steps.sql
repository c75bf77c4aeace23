-- The steps of which every unusual change of state is made: leave, enter, write, settle. What
-- happens thousands of times a second (create, claim, finish) has statements of its own that do the
-- same to many rows at once.
--
-- How a life is told: rows of `history` hold what came before the present state; the present one is
-- in the columns. A held job's columns tell of the ready state that it was claimed from (unless
-- mark 64), and its claim of the rest. A finished job with `ready_at` has two steps more than
-- `history` says: Enqueued at `ready_at` and Processing at `claimed_at`.

CREATE OR REPLACE FUNCTION :schema.tell_history(a_job uuid, a_state smallint,
  an_instant timestamptz, is_elected_away boolean, a_server integer, a_reason text, some_data text)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO :schema.history (job, state, at, elected_away, server, reason, data)
  VALUES (a_job, a_state, an_instant, is_elected_away, a_server, a_reason, some_data);
$$;

CREATE OR REPLACE FUNCTION :schema.is_ready(j :schema.job) RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (SELECT FROM :schema.ready WHERE lane = j.lane AND place = j.place);
$$;

-- The claim under which a job is held. `a_claim` is where to look first, or nothing.
CREATE OR REPLACE FUNCTION :schema.holding_of(a_job uuid, an_epoch bigint, a_claim bigint)
RETURNS :schema.holding LANGUAGE plpgsql AS $$
DECLARE
  found_holding :schema.holding;
BEGIN
  IF a_claim IS NOT NULL THEN
    SELECT number, server, at INTO found_holding FROM :schema.claim
    WHERE number = a_claim AND epochs[array_position(jobs, a_job)] = an_epoch;
    IF FOUND THEN
      RETURN found_holding;
    END IF;
  END IF;
  SELECT number, server, at INTO found_holding FROM :schema.claim
  WHERE a_job = ANY (jobs) AND epochs[array_position(jobs, a_job)] = an_epoch;
  RETURN found_holding;
END $$;

-- Leaves the present state: it goes to the history, with what a holder has done.
CREATE OR REPLACE FUNCTION :schema.leave(INOUT j :schema.job, held :schema.holding)
LANGUAGE plpgsql AS $$
BEGIN
  IF j.marks & 64 = 0 THEN
    PERFORM :schema.tell_history(j.id, j.state, j.since, false, NULL, j.reason, j.data);
  END IF;
  IF held.claim IS NOT NULL THEN
    PERFORM :schema.tell_history(j.id, 4::smallint, held.at, false, held.server, NULL, NULL);
    j.server := held.server;
    j.claimed_at := held.at;
    IF j.reported IS DISTINCT FROM j.epoch + 1 THEN
      j.start_delay := NULL;
      j.progress := NULL;
    END IF;
  END IF;
  IF j.kind = 2 THEN
    DELETE FROM :schema.edge WHERE child = j.id;
  END IF;
  j.marks := (j.marks | 4) & ~64;
  j.when_met := NULL;
  j.when_unmet := NULL;
  j.when_due := NULL;
END $$;

-- Enters a state after `leave`, or stands in line for it; the row is changed in memory only, except
-- for the history.
CREATE OR REPLACE FUNCTION :schema.enter(INOUT j :schema.job, a_state jsonb, elected_away jsonb,
  now timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
  candidate jsonb;
BEGIN
  IF elected_away IS NOT NULL THEN
    FOR candidate IN SELECT * FROM jsonb_array_elements(elected_away) LOOP
      PERFORM :schema.tell_history(j.id, :schema.state_number(candidate), now, true, NULL,
                                   candidate->>'reason', candidate->>'data');
      j.marks := j.marks | 4;
    END LOOP;
  END IF;
  IF j.marks & 256 <> 0 THEN
    a_state := :schema.stand_in_line(j.id, a_state, now);
  END IF;
  j.state := :schema.state_number(a_state);
  j.kind := coalesce((a_state->>'kind')::smallint, 0);
  j.since := now;
  j.reason := a_state->>'reason';
  j.data := a_state->>'data';
  j.until := NULL;
  IF j.kind = 0 THEN
    j.lane := :schema.lane_number((SELECT queue FROM :schema.lane WHERE number = j.lane), '',
                                  j.marks & 32 <> 0);
    j.place := :schema.place_of(:schema.priority_of(j.place), nextval(':schema.position'));
  ELSIF j.kind = 1 THEN
    j.until := coalesce(:schema.from_unix((a_state->>'due_at')::bigint),
                        :schema.later(now, coalesce((a_state->>'due_in')::bigint, 0)));
  ELSIF j.kind IN (4, 5) AND a_state ? 'retention' THEN
    j.until := :schema.later(now, (a_state->>'retention')::bigint);
  END IF;
END $$;

-- Notes that a job of `from_lane` went from one state to another, perhaps in another lane.
CREATE OR REPLACE FUNCTION :schema.count_change(now timestamptz, from_lane integer,
  left_state smallint, to_lane integer, entered smallint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF from_lane = to_lane THEN
    INSERT INTO :schema.change VALUES (now, to_lane, left_state, entered, 1);
  ELSE
    INSERT INTO :schema.change VALUES (now, from_lane, left_state, NULL, 1),
                                      (now, to_lane, NULL, entered, 1);
  END IF;
END $$;

CREATE OR REPLACE FUNCTION :schema.insert_finished(j :schema.job)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF j.batch IS NOT NULL AND NOT :schema.ends_member(j.state) THEN
    j.marks := j.marks | 128;
  END IF;
  INSERT INTO :schema.finished (id, position, place, epoch, created_at, since, expires_at,
    claimed_at, start_delay, duration, lane, server, state, marks, attempt, name, arguments, result,
    reason, data, parameters, unique_key, progress, crashes, batch)
  VALUES (j.id, j.position, j.place, j.epoch, j.created_at, j.since, coalesce(j.until, 'infinity'),
    j.claimed_at, j.start_delay, j.duration, j.lane, j.server, j.state, j.marks, j.attempt, j.name,
    j.arguments, j.result, j.reason, j.data, j.parameters, j.unique_key, j.progress, j.crashes,
    j.batch);
  IF j.until < 'infinity' THEN
    INSERT INTO :schema.expiry VALUES (j.until, j.lane, j.state, 1);
  END IF;
END $$;

-- Stores a row that has entered a state. `place_of_row`: 0 it is new, 1 it is in `job`, 2 it was in
-- `finished` and is there no longer.
CREATE OR REPLACE FUNCTION :schema.write(j :schema.job, place_of_row integer)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF j.kind = 5 THEN
    IF place_of_row = 1 THEN
      DELETE FROM :schema.job WHERE id = j.id;
    END IF;
    PERFORM :schema.insert_finished(j);
  ELSIF place_of_row = 1 THEN
    UPDATE :schema.job SET
      place = j.place, epoch = j.epoch, since = j.since, lane = j.lane, state = j.state,
      kind = j.kind, marks = j.marks, attempt = j.attempt, until = j.until, reason = j.reason,
      data = j.data, parameters = j.parameters, unique_key = j.unique_key, crashes = j.crashes,
      when_met = j.when_met, when_unmet = j.when_unmet, when_due = j.when_due, server = j.server,
      claimed_at = j.claimed_at, start_delay = j.start_delay, duration = j.duration,
      result = j.result, progress = j.progress, reported = j.reported
    WHERE id = j.id;
  ELSE
    INSERT INTO :schema.job VALUES (j.*);
  END IF;
  IF j.kind = 0 THEN
    INSERT INTO :schema.ready (lane, place, epoch, state, job)
    VALUES (j.lane, j.place, j.epoch, j.state, j.id);
    PERFORM :schema.tell(ARRAY(SELECT 'queue/' || queue FROM :schema.lane WHERE number = j.lane));
  ELSIF j.kind = 1 THEN
    PERFORM :schema.tell(ARRAY['due']);
  END IF;
END $$;

-- What `ending` of a parent says about a condition: 0 met, 1 can no longer be, 2 may still be.
CREATE OR REPLACE FUNCTION :schema.verdict(a_condition smallint, an_ending integer)
RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN an_ending = 0 THEN 2
    WHEN a_condition = 3 THEN CASE WHEN an_ending = 3 THEN 2 ELSE 0 END
    WHEN a_condition = 2 THEN CASE WHEN an_ending = 3 THEN 0 ELSE 1 END
    WHEN an_ending = 3 THEN 2
    WHEN an_ending = a_condition + 1 THEN 0
    ELSE 1 END;
$$;

-- One child whose fate is decided: it takes the state at once, or falls due for an election.
CREATE OR REPLACE FUNCTION :schema.conclude(INOUT j :schema.job, is_met boolean, a_release integer,
  now timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
  next jsonb := CASE WHEN is_met THEN j.when_met ELSE j.when_unmet END;
  left_state smallint := j.state;
  left_lane integer := j.lane;
BEGIN
  IF a_release = 1 THEN
    DELETE FROM :schema.edge WHERE child = j.id;
    j.when_due := next;
    j.when_met := NULL;
    j.when_unmet := NULL;
    SELECT :schema.state_number(name, 1, ending) INTO j.state FROM :schema.state
    WHERE number = j.state;
    j.kind := 1;
    j.until := now;
  ELSE
    j := :schema.leave(j, NULL);
    j := :schema.enter(j, next, NULL, now);
  END IF;
  PERFORM :schema.count_change(now, left_lane, left_state, j.lane, j.state);
  PERFORM :schema.write(j, 1);
  IF j.batch IS NOT NULL OR j.marks & 2 <> 0 THEN
    PERFORM :schema.note_move(j, left_state, a_release);
  END IF;
END $$;

-- Lets those go who waited for a job that has ended, and those who waited for them, a generation
-- after the other, in the order of their creation.
CREATE OR REPLACE FUNCTION :schema.settle(a_parent uuid, an_ending integer, a_release integer,
  now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  parents uuid[] := ARRAY[a_parent];
  endings integer[] := ARRAY[an_ending];
  i integer := 1;
  e record;
  j :schema.job;
  next_ending integer;
BEGIN
  WHILE i <= cardinality(parents) LOOP
    FOR e IN
      SELECT edge.child, edge.number, :schema.verdict(edge.condition, endings[i]) AS verdict
      FROM :schema.edge JOIN :schema.job ON job.id = edge.child
      WHERE edge.parent = parents[i] ORDER BY job.position, edge.number
    LOOP
      CONTINUE WHEN e.verdict = 2;
      SELECT * INTO j FROM :schema.job WHERE id = e.child FOR UPDATE SKIP LOCKED;
      IF NOT FOUND THEN
        -- Decided by an earlier edge, and over.
        CONTINUE WHEN NOT EXISTS (SELECT FROM :schema.job WHERE id = e.child);
        RAISE lock_not_available USING MESSAGE = 'a continuation is locked by another transaction';
      END IF;
      DELETE FROM :schema.edge
      WHERE parent = parents[i] AND child = e.child AND number = e.number;
      -- An earlier edge of the same child may have decided already, which removed this one.
      CONTINUE WHEN NOT FOUND OR j.kind <> 2;
      CONTINUE WHEN e.verdict = 0 AND EXISTS (SELECT FROM :schema.edge WHERE child = e.child);
      j := :schema.conclude(j, e.verdict = 0, a_release, now);
      SELECT ending INTO next_ending FROM :schema.state WHERE number = j.state;
      IF a_release = 0 THEN
        PERFORM :schema.tell_end(j.id, j.kind, next_ending);
      END IF;
      IF a_release = 0 AND next_ending <> 0 AND j.marks & 1 <> 0 THEN
        parents := parents || j.id;
        endings := endings || next_ending;
      END IF;
    END LOOP;
    i := i + 1;
  END LOOP;
END $$;

-- Tells those who wait for this very job.
CREATE OR REPLACE FUNCTION :schema.tell_end(a_job uuid, a_kind smallint, an_ending integer)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF a_kind IN (4, 5) OR an_ending <> 0 THEN
    PERFORM :schema.tell(ARRAY['job/' || a_job]);
  END IF;
END $$;

-- Enter, count, write, settle: the second half of every change of a job that was there before.
CREATE OR REPLACE FUNCTION :schema.enter_and_store(INOUT j :schema.job, place_of_row integer,
  left_lane integer, left_state smallint, a_state jsonb, elected_away jsonb, a_release integer,
  now timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
  ending integer := coalesce((a_state->>'ending')::integer, 0);
BEGIN
  j := :schema.enter(j, a_state, elected_away, now);
  PERFORM :schema.count_change(now, left_lane, left_state, j.lane, j.state);
  PERFORM :schema.write(j, place_of_row);
  IF j.batch IS NOT NULL OR j.marks & 2 <> 0 THEN
    PERFORM :schema.note_move(j, left_state, a_release);
  END IF;
  PERFORM :schema.tell_end(j.id, j.kind, ending);
  IF ending <> 0 AND j.marks & 1 <> 0 THEN
    PERFORM :schema.settle(j.id, ending, a_release, now);
  END IF;
END $$;

-- Takes a held job from its holder: the epoch grows, it enters the state.
CREATE OR REPLACE FUNCTION :schema.take_away(INOUT j :schema.job, held :schema.holding,
  a_state jsonb, now timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
  j := :schema.leave(j, held);
  j.epoch := j.epoch + 2;
  j := :schema.enter_and_store(j, 1, j.lane, 4::smallint, a_state, NULL, 0, now);
END $$;
