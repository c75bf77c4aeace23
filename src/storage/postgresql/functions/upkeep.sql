-- What falls due, and what is reported.

-- A stored state as the units have it.
CREATE OR REPLACE FUNCTION :schema.state_as_json(j :schema.job)
RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('name', s.name, 'kind', s.kind, 'ending', s.ending,
    'reason', j.reason, 'data', j.data,
    'due_at', CASE WHEN j.kind = 1 THEN :schema.to_unix(j.until) END))
  FROM :schema.state s WHERE s.number = j.state;
$$;

CREATE OR REPLACE FUNCTION :schema.promote(shift interval, max integer, elect boolean)
RETURNS jsonb LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
  j :schema.job;
  next jsonb;
  promoted integer := 0;
  to_elect jsonb := '[]';
  next_due timestamptz;
BEGIN
  FOR j IN
    SELECT * FROM :schema.job WHERE kind = 1 AND until <= now
    ORDER BY until, position LIMIT max FOR UPDATE SKIP LOCKED
  LOOP
    next := coalesce(j.when_due, '{"name":"Enqueued","reason":"It fell due"}');
    IF elect THEN
      to_elect := to_elect || jsonb_build_object('job', j.id, 'name', j.name,
        'queue', (SELECT queue FROM :schema.lane WHERE number = j.lane),
        'current', :schema.state_as_json(j), 'candidate', next);
    ELSE
      DECLARE
        left_lane integer := j.lane;
        left_state smallint := j.state;
      BEGIN
        j := :schema.leave(j, NULL);
        PERFORM :schema.enter_and_store(j, 1, left_lane, left_state, next, NULL, 0, now);
      END;
      promoted := promoted + 1;
    END IF;
  END LOOP;
  SELECT until INTO next_due FROM :schema.job WHERE kind = 1 ORDER BY until, position LIMIT 1;
  IF NOT elect AND promoted < max AND next_due <= now THEN
    -- Somebody's transaction has it: not a reason to ask at once again.
    next_due := now + interval '100 milliseconds';
  END IF;
  RETURN jsonb_strip_nulls(jsonb_build_object('promoted', promoted, 'elect', to_elect,
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
