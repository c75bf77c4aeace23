-- What falls due, and what is reported.

-- A stored state as the units have it.
CREATE OR REPLACE FUNCTION :schema.state_as_json(j :schema.job)
RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('name', s.name, 'kind', s.kind, 'ending', s.ending,
    'reason', j.reason, 'data', j.data,
    'due_at', CASE WHEN j.kind = 1 THEN :schema.to_unix(j.until) END))
  FROM :schema.state s WHERE s.number = j.state;
$$;

CREATE OR REPLACE FUNCTION :schema.promote_job(j :schema.job, next jsonb, now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  left_lane integer := j.lane;
  left_state smallint := j.state;
BEGIN
  j := :schema.leave(j, NULL);
  PERFORM :schema.enter_and_store(j, 1, left_lane, left_state, next, NULL, 0, now);
END $$;

-- The first due jobs, all at once, if each of them is one of the usual kind: it becomes Enqueued in
-- the lane that it has, and nothing else comes of that. Otherwise, and where none is due, nothing.
CREATE OR REPLACE FUNCTION :schema.promote_plain(max integer, now timestamptz)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  are_plain boolean;
  lanes integer[];
  moved integer;
BEGIN
  SELECT bool_and(when_due IS NULL AND marks & ~29 = 0 AND handler = '' AND NOT suspect),
         array_agg(DISTINCT lane.number) INTO are_plain, lanes
  FROM (SELECT when_due, marks, lane FROM :schema.job WHERE kind = 1 AND until <= now
        ORDER BY until, position LIMIT max) AS first
  JOIN :schema.lane ON lane.number = first.lane;
  IF are_plain IS NOT TRUE THEN
    RETURN 0;
  END IF;
  -- Others may have fallen due since, so all that matters is asked again.
  WITH due AS MATERIALIZED (
    SELECT id, place, state, since, reason, data, lane, marks, epoch, until, position
    FROM :schema.job
    WHERE kind = 1 AND until <= now AND when_due IS NULL AND marks & ~29 = 0 AND lane = ANY (lanes)
    ORDER BY until, position LIMIT max FOR UPDATE SKIP LOCKED),
  placed AS MATERIALIZED (
    SELECT ordered.*,
           :schema.place_of(:schema.priority_of(place), nextval(':schema.position')) AS new_place
    FROM (SELECT * FROM due ORDER BY until, position) AS ordered),
  told AS (
    INSERT INTO :schema.history (job, state, at, elected_away, server, reason, data)
    SELECT id, state, since, false, NULL, reason, data FROM placed),
  moved_on AS (
    UPDATE :schema.job SET kind = 0, state = 1, place = new_place, since = now, until = NULL,
                           reason = 'It fell due', data = NULL, marks = job.marks | 4
    FROM placed WHERE job.id = placed.id),
  queued AS (
    INSERT INTO :schema.ready (lane, place, epoch, state, job)
    SELECT lane, new_place, epoch, 1, id FROM placed),
  counted AS (
    INSERT INTO :schema.change (at, lane, left_state, entered, count)
    SELECT now, lane, state, 1, count(*) FROM placed GROUP BY lane, state)
  SELECT count(*), array_agg(DISTINCT lane) INTO moved, lanes FROM placed;
  PERFORM :schema.tell(ARRAY(
    SELECT DISTINCT 'queue/' || queue FROM :schema.lane WHERE number = ANY (lanes)));
  RETURN moved;
END $$;

-- `alone`: each job by itself, so that one which somebody's transaction holds up, by a batch, a
-- limit or a continuation, holds up no other.
CREATE OR REPLACE FUNCTION :schema.promote_due(max integer, elect boolean, alone boolean,
  now timestamptz, OUT promoted integer, OUT to_elect jsonb, OUT moved integer,
  OUT examined integer, OUT is_blocked boolean)
LANGUAGE plpgsql AS $$
DECLARE
  j :schema.job;
  next jsonb;
BEGIN
  promoted := CASE WHEN elect OR alone THEN 0 ELSE :schema.promote_plain(max, now) END;
  to_elect := '[]';
  IF NOT elect AND NOT alone AND promoted < max AND EXISTS (SELECT FROM :schema.limited) THEN
    PERFORM :schema.lock_limits(ARRAY(
      SELECT (SELECT key FROM :schema.limited WHERE job = first.id)
      FROM (SELECT id, marks FROM :schema.job WHERE kind = 1 AND until <= now
            ORDER BY until, position LIMIT max - promoted) AS first
      WHERE first.marks & 256 <> 0));
  END IF;
  FOR j IN
    SELECT * FROM :schema.job WHERE kind = 1 AND until <= now
    ORDER BY until, position LIMIT max - promoted FOR UPDATE SKIP LOCKED
  LOOP
    next := coalesce(j.when_due, '{"name":"Enqueued","reason":"It fell due"}');
    IF elect THEN
      to_elect := to_elect || jsonb_build_object('job', j.id, 'name', j.name,
        'queue', (SELECT queue FROM :schema.lane WHERE number = j.lane),
        'current', :schema.state_as_json(j), 'candidate', next);
    ELSIF alone THEN
      BEGIN
        PERFORM :schema.promote_job(j, next, now);
        PERFORM :schema.settle_batches(now);
        PERFORM :schema.settle_limits(now);
        promoted := promoted + 1;
      EXCEPTION WHEN lock_not_available THEN
        NULL;
      END;
    ELSE
      PERFORM :schema.promote_job(j, next, now);
      promoted := promoted + 1;
    END IF;
  END LOOP;
  PERFORM :schema.settle_batches(now);
  PERFORM :schema.settle_limits(now);
  SELECT s.* INTO moved, examined, is_blocked FROM :schema.sweep_batches(max, alone, now) s;
  PERFORM :schema.settle_batches(now);
  PERFORM :schema.settle_limits(now);
END $$;

CREATE OR REPLACE FUNCTION :schema.promote(shift interval, max integer, elect boolean)
RETURNS jsonb LANGUAGE plpgsql SET lock_timeout = '50ms'
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
  done record;
  next_due timestamptz;
BEGIN
  BEGIN
    SELECT * INTO done FROM :schema.promote_due(max, elect, false, now);
  EXCEPTION WHEN lock_not_available THEN
    -- So many may be held up that each waits only for a moment.
    PERFORM set_config('lock_timeout', '1ms', true);
    SELECT * INTO done FROM :schema.promote_due(max, elect, true, now);
  END;
  SELECT until INTO next_due FROM :schema.job WHERE kind = 1 ORDER BY until, position LIMIT 1;
  IF NOT elect AND done.promoted < max AND next_due <= now AND NOT EXISTS (
    SELECT FROM :schema.job WHERE kind = 1 AND until <= now AND since = now)
  THEN
    -- Somebody's transaction has it, for nobody has come to wait for his time only just now, when
    -- his turn came: not a reason to ask at once again.
    next_due := now + interval '100 milliseconds';
  END IF;
  IF EXISTS (SELECT FROM :schema.batch WHERE swept_up_to < 9223372036854775807) THEN
    next_due := least(next_due, CASE WHEN done.examined = 0 OR done.is_blocked
                                     THEN now + interval '100 milliseconds' ELSE now END);
  END IF;
  RETURN jsonb_strip_nulls(jsonb_build_object(
    'promoted', done.promoted + done.moved, 'elect', done.to_elect,
    'next_due_in', CASE WHEN next_due < 'infinity' THEN
      greatest(:schema.to_unix(next_due) - :schema.to_unix(now), 0) END));
END $$;

CREATE OR REPLACE FUNCTION :schema.note_report(r jsonb, now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  an_epoch bigint := (r->>'epoch')::bigint;
  j :schema.job;
  had_lines boolean := coalesce(jsonb_array_length(r->'lines'), 0) > 0;
BEGIN
  -- News are not worth waiting for somebody's transaction.
  SELECT * INTO j FROM :schema.job WHERE id = (r->>'job')::uuid FOR UPDATE SKIP LOCKED;
  IF NOT FOUND OR j.kind <> 0 OR j.epoch <> an_epoch - 1 OR :schema.is_ready(j) THEN
    RETURN;
  END IF;
  IF (r ? 'start_delay' OR r ? 'progress') AND j.reported IS DISTINCT FROM an_epoch THEN
    -- From now on these columns tell of this run.
    j.reported := an_epoch;
    j.start_delay := NULL;
    j.progress := NULL;
  END IF;
  UPDATE :schema.job SET
    reported = j.reported,
    start_delay = coalesce((r->>'start_delay')::bigint, j.start_delay),
    progress = coalesce((r->>'progress')::double precision, j.progress),
    marks = CASE WHEN had_lines THEN j.marks | 16 ELSE j.marks END
  WHERE id = j.id;
  -- Those that are sent again are there already.
  INSERT INTO :schema.log (job, number, at, level, text)
  SELECT j.id, (line->>'number')::bigint, now, coalesce((line->>'level')::smallint, 1::smallint),
    coalesce(line->>'text', '')
  FROM jsonb_array_elements(coalesce(r->'lines', '[]')) line
  WHERE (line->>'number')::bigint
    > (SELECT coalesce(max(number), 0) FROM :schema.log WHERE job = j.id)
  ON CONFLICT DO NOTHING;
END $$;

CREATE OR REPLACE FUNCTION :schema.report(shift interval, reports jsonb)
RETURNS void LANGUAGE sql AS $$
  SELECT :schema.note_report(r, clock_timestamp() + shift) FROM jsonb_array_elements(reports) r;
$$;

CREATE OR REPLACE FUNCTION :schema.set_parameters(a_job uuid, changes jsonb)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE :schema.job SET parameters = :schema.changed_parameters(parameters, changes)
  WHERE id = a_job;
  IF NOT FOUND THEN
    UPDATE :schema.finished SET parameters = :schema.changed_parameters(parameters, changes)
    WHERE id = a_job AND expires_at > (SELECT expired_until FROM :schema.horizon);
  END IF;
  RETURN FOUND;
END $$;
