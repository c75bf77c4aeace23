-- Units: all of one happens, or nothing.

-- The steps of one unit in order. A refusal in the middle is raised, so that what came before it is
-- undone; a unit of one step is refused before it writes. A conflict of versions names the template
-- in the place of `existing`.
CREATE OR REPLACE FUNCTION :schema.run_steps(unit jsonb, now timestamptz)
RETURNS :schema.answer LANGUAGE plpgsql AS $$
DECLARE
  step jsonb;
  given :schema.answer;
  existing jsonb;
BEGIN
  FOR step IN SELECT * FROM jsonb_array_elements(coalesce(unit->'jobs', '[]')) LOOP
    given := :schema.create_job(step, now);
    IF given.status <> 0 THEN
      RETURN given;
    END IF;
    IF given.existing IS NOT NULL THEN
      existing := coalesce(existing, '[]') || jsonb_build_array(given.existing);
    END IF;
  END LOOP;
  FOR step IN SELECT * FROM jsonb_array_elements(coalesce(unit->'transitions', '[]')) LOOP
    given := :schema.apply_transition(step, now);
    IF given.status <> 0 THEN
      RETURN given;
    END IF;
  END LOOP;
  FOR step IN SELECT * FROM jsonb_array_elements(coalesce(unit->'recurring', '[]')) LOOP
    IF NOT :schema.change_recurring(step, now) THEN
      RETURN ROW(3, 4, 0, NULL, NULL, step->'id'):::schema.answer;
    END IF;
  END LOOP;
  IF current_setting('portfire.batches', true) <> '' THEN
    PERFORM :schema.settle_batches(now);
  END IF;
  IF current_setting('portfire.limits', true) <> '' THEN
    PERFORM :schema.settle_limits(now);
  END IF;
  RETURN ROW(0, 0, 0, NULL, NULL, existing):::schema.answer;
END $$;

CREATE OR REPLACE FUNCTION :schema.commit_unit(unit jsonb, now timestamptz)
RETURNS :schema.answer LANGUAGE plpgsql AS $$
DECLARE
  given :schema.answer;
  unit_id uuid := (unit->>'id')::uuid;
  makes_jobs boolean := coalesce(jsonb_array_length(unit->'jobs'), 0) > 0;
  takes boolean := EXISTS (
    SELECT FROM jsonb_array_elements(coalesce(unit->'transitions', '[]')) t
    WHERE NOT t ? 'epoch') OR (unit ? 'recurring' AND NOT makes_jobs) OR EXISTS (
    SELECT FROM jsonb_array_elements(coalesce(unit->'jobs', '[]')) n
    WHERE n->'unique'->>'on_duplicate' = '2');
  steps integer := coalesce(jsonb_array_length(unit->'jobs'), 0) +
                   coalesce(jsonb_array_length(unit->'transitions'), 0) +
                   coalesce(jsonb_array_length(unit->'recurring'), 0);
  known jsonb;
  is_known boolean := false;
  said text;
BEGIN
  IF unit_id IS NOT NULL AND takes THEN
    -- Written before anything else, so that a unit which is sent again waits here for the first.
    INSERT INTO :schema.remembered (id, at) VALUES (unit_id, now) ON CONFLICT DO NOTHING;
    is_known := NOT FOUND;
  END IF;
  IF is_known OR (unit_id IS NOT NULL AND makes_jobs AND NOT takes) THEN
    SELECT existing INTO known FROM :schema.remembered WHERE id = unit_id;
    IF FOUND THEN
      RETURN ROW(1, 0, 0, NULL, NULL, known):::schema.answer;
    END IF;
  END IF;
  IF steps > 1 OR unit->'jobs'->0 ?| '{parents,batch}' THEN
    BEGIN
      given := :schema.run_steps(unit, now);
      IF given.status <> 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'PF100', MESSAGE = to_jsonb(given)::text;
      END IF;
    EXCEPTION WHEN SQLSTATE 'PF100' THEN
      GET STACKED DIAGNOSTICS said = MESSAGE_TEXT;
      given := jsonb_populate_record(NULL:::schema.answer, said::jsonb);
    END;
  ELSE
    given := :schema.run_steps(unit, now);
  END IF;
  IF given.status = 4 AND EXISTS (
    SELECT FROM jsonb_array_elements(unit->'jobs') n WHERE :schema.was_created((n->>'id')::uuid))
  THEN
    -- Rejected because it was done before: what it created holds its own keys.
    given := ROW(1, 0, 0, NULL, NULL, NULL):::schema.answer;
  END IF;
  IF given.status = 0 AND unit_id IS NOT NULL AND given.existing IS NOT NULL THEN
    INSERT INTO :schema.remembered (id, at, existing) VALUES (unit_id, now, given.existing)
    ON CONFLICT (id) DO UPDATE SET existing = excluded.existing;
  ELSIF given.status <> 0 AND unit_id IS NOT NULL AND takes THEN
    DELETE FROM :schema.remembered WHERE id = unit_id;
  END IF;
  IF given.status NOT IN (0, 2) THEN
    PERFORM :schema.note_stopped(t)
    FROM jsonb_array_elements(coalesce(unit->'transitions', '[]')) t WHERE t ? 'epoch';
  END IF;
  RETURN given;
END $$;

CREATE OR REPLACE FUNCTION :schema.commit_units(shift interval, units jsonb)
RETURNS SETOF :schema.answer LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
  unit jsonb;
BEGIN
  PERFORM :schema.lock_limits_of_units(units);
  FOR unit IN SELECT * FROM jsonb_array_elements(units) LOOP
    RETURN NEXT :schema.commit_unit(unit, now);
  END LOOP;
  -- Keys that were locked for units which were refused.
  PERFORM :schema.settle_limits(now);
END $$;

-- The same for callers who must not wait long for the transactions of others: a lock that cannot be
-- had ends the call with `lock_not_available`.
CREATE OR REPLACE FUNCTION :schema.commit_units_soon(shift interval, units jsonb)
RETURNS SETOF :schema.answer LANGUAGE sql SET lock_timeout = '50ms' AS $$
  SELECT * FROM :schema.commit_units(shift, units);
$$;

-- The ends of runs of which the columns can tell all, many at a time; `a_release` is for batches,
-- of which each is changed once, however many of its members have ended. Returns the positions in
-- the arrays of those that are not so, or not held: `commit_units` knows what to say of them. Does
-- not wait for anybody: a row that is locked ends the call with `lock_not_available`.
CREATE OR REPLACE FUNCTION :schema.finish_many(shift interval, ids uuid[], all_epochs bigint[],
  claims bigint[], start_delays bigint[], durations bigint[], results text[], state_name text,
  a_kind integer, an_ending integer, retention bigint, a_release integer, ended_claims bigint[])
RETURNS SETOF integer LANGUAGE plpgsql
SET lock_timeout = '50ms' SET enable_seqscan = off SET enable_mergejoin = off
SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
  entered smallint := :schema.state_number(state_name, a_kind, an_ending);
  expires timestamptz := CASE WHEN retention IS NULL THEN 'infinity'
                              ELSE :schema.later(now, retention) END;
  -- Of members that have not ended all the same.
  open_mark smallint := CASE WHEN an_ending IN (1, 2, 4) THEN 0 ELSE 128 END;
  ended uuid[];
  applied bigint[];
  batches uuid[];
BEGIN
  WITH input AS MATERIALIZED (
    SELECT * FROM unnest(ids, all_epochs, claims, start_delays, durations, results)
      WITH ORDINALITY AS u (id, epoch, claim, start_delay, duration, result, n)),
  held AS MATERIALIZED (
    SELECT number, server, at FROM :schema.claim
    WHERE number = ANY (ARRAY(SELECT DISTINCT claim FROM input))),
  gone AS (
    DELETE FROM :schema.job j USING input i, held h
    WHERE j.id = i.id AND j.epoch = i.epoch - 1 AND j.kind = 0 AND j.state = 1
      AND j.marks & ~20 = 0 AND j.reason IS NULL AND j.data IS NULL AND h.number = i.claim
    RETURNING i.n, j.id, j.position, j.place, i.epoch, j.created_at, j.since AS ready_at,
      h.at AS claimed_at, greatest(i.start_delay, 0) AS start_delay,
      greatest(i.duration, 0) AS duration, j.lane, h.server, j.marks, j.attempt, j.name,
      j.arguments, i.result, j.parameters, j.unique_key, j.batch,
      CASE WHEN j.reported = i.epoch THEN j.progress END AS progress),
  over AS (
    INSERT INTO :schema.finished (id, position, place, epoch, created_at, since, expires_at,
      ready_at, claimed_at, start_delay, duration, lane, server, state, marks, attempt, name,
      arguments, result, parameters, unique_key, progress, batch)
    SELECT id, position, place, epoch, created_at, now, expires, ready_at, claimed_at, start_delay,
      duration, lane, server, entered,
      CASE WHEN batch IS NULL THEN marks ELSE marks | open_mark END, attempt, name, arguments,
      result, parameters, unique_key, progress, batch
    FROM gone),
  counted AS (
    INSERT INTO :schema.change (at, lane, left_state, entered, count)
    SELECT now, lane, 4, entered, count(*) FROM gone GROUP BY lane),
  expiring AS (
    INSERT INTO :schema.expiry (expires_at, lane, state, count)
    SELECT expires, lane, entered, count(*) FROM gone WHERE expires < 'infinity' GROUP BY lane)
  SELECT array_agg(id), array_agg(n), array_agg(batch) FILTER (WHERE batch IS NOT NULL)
  INTO ended, applied, batches FROM gone;

  IF batches IS NOT NULL AND open_mark = 0 THEN
    PERFORM :schema.note_batch(batch, 0, -count(*),
                               CASE WHEN an_ending = 1 THEN count(*) ELSE 0 END, a_release)
    FROM unnest(batches) AS batch GROUP BY batch;
    PERFORM :schema.settle_batches(now);
  END IF;
  IF cardinality(ended_claims) > 0 THEN
    DELETE FROM :schema.claim WHERE number = ANY (ended_claims);
  END IF;
  IF EXISTS (SELECT FROM :schema.waiting WHERE topic >= 'job/' AND topic < 'job0') THEN
    PERFORM :schema.tell(ARRAY(SELECT 'job/' || id FROM unnest(ended) id));
  END IF;
  IF coalesce(cardinality(ended), 0) < cardinality(ids) THEN
    RETURN QUERY
      SELECT n::integer FROM generate_series(1, cardinality(ids)) n
      WHERE applied IS NULL OR n <> ALL (applied);
  END IF;
END $$;

-- What an older release calls.
CREATE OR REPLACE FUNCTION :schema.finish_plain(shift interval, ids uuid[], all_epochs bigint[],
  claims bigint[], start_delays bigint[], durations bigint[], results text[], state_name text,
  a_kind integer, an_ending integer, retention bigint, ended_claims bigint[])
RETURNS SETOF integer LANGUAGE sql AS $$
  SELECT * FROM :schema.finish_many(shift, ids, all_epochs, claims, start_delays, durations,
    results, state_name, a_kind, an_ending, retention, 0, ended_claims);
$$;
