-- Claiming, and what is held.
--
-- An idle system claims a single job at a time, and what that costs is hardly more than the number
-- of statements. An assignment that names no table is none: it is evaluated at once.

-- What holds off a server's claims while it is struck off, and the reverse: a class of advisory
-- locks.
CREATE OR REPLACE FUNCTION :schema.server_lock_class() RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT hashtext(':schema.server');
$$;

-- Never given twice, not even by a stand-by that has taken over without the latest claims: whoever
-- made those would otherwise pass for the holder of what others claim there.
CREATE OR REPLACE FUNCTION :schema.new_claim_number() RETURNS bigint LANGUAGE sql AS $$
  SELECT ((extract(epoch FROM clock_timestamp()) * 1000)::bigint << 20)
         | (nextval(':schema.claim_number') & 1048575);
$$;

-- All that running a held job takes.
CREATE OR REPLACE FUNCTION :schema.executions(a_claim bigint, jobs uuid[], epochs bigint[],
  a_claimed_at timestamptz)
RETURNS SETOF :schema.execution LANGUAGE sql STABLE AS $$
  SELECT a_claim, j.id, u.epoch, j.name, j.arguments, lane.queue, :schema.priority_of(j.place),
         j.attempt, j.parameters, j.created_at, j.since, a_claimed_at, j.marks & 32 <> 0,
         coalesce(j.crashes, 0), j.batch
  FROM unnest(jobs, epochs) WITH ORDINALITY AS u (id, epoch, n)
  JOIN :schema.job j ON j.id = u.id AND j.epoch = u.epoch - 1 AND j.kind = 0
  JOIN :schema.lane ON lane.number = j.lane
  ORDER BY u.n;
$$;

-- The jobs of a claim that are still held.
CREATE OR REPLACE FUNCTION :schema.still_held(c :schema.claim)
RETURNS TABLE (job uuid, epoch bigint) LANGUAGE sql STABLE AS $$
  SELECT u.id, u.epoch
  FROM unnest(c.jobs, c.epochs) WITH ORDINALITY AS u (id, epoch, n)
  JOIN :schema.job j ON j.id = u.id AND j.epoch = u.epoch - 1 AND j.kind = 0
  WHERE NOT EXISTS (SELECT FROM :schema.ready r WHERE r.lane = j.lane AND r.place = j.place)
  ORDER BY u.n;
$$;

CREATE OR REPLACE FUNCTION :schema.holds_suspect(a_server integer)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM :schema.claim c, LATERAL :schema.still_held(c) h
    JOIN :schema.job j ON j.id = h.job
    WHERE c.server = a_server AND j.marks & 32 <> 0);
$$;

-- Takes rows of `ready` that this transaction has locked.
CREATE OR REPLACE FUNCTION :schema.take_rows(rows tid[], now timestamptz,
  OUT jobs uuid[], OUT epochs bigint[], OUT last_place bigint)
LANGUAGE plpgsql AS $$
BEGIN
  WITH taken AS MATERIALIZED (
    DELETE FROM :schema.ready WHERE ctid = ANY (rows)
    RETURNING lane, place, epoch, state, job),
  counted AS (
    INSERT INTO :schema.change (at, lane, left_state, entered, count)
    SELECT now, lane, state, 4, count(*) FROM taken GROUP BY lane, state)
  SELECT coalesce(array_agg(job ORDER BY place), '{}'),
         coalesce(array_agg(epoch + 1 ORDER BY place), '{}'), max(place)
  INTO jobs, epochs, last_place FROM taken;
END $$;

-- Takes the first ready jobs of one lane from a place on. Those that another claim is taking are
-- passed over. Rows are found first, so that one scan of the index gives order, limit and locks.
CREATE OR REPLACE FUNCTION :schema.take_from_place(a_lane integer, lowest bigint, max integer,
  now timestamptz, OUT jobs uuid[], OUT epochs bigint[], OUT last_place bigint)
LANGUAGE plpgsql AS $$
DECLARE
  rows tid[] := ARRAY(
    SELECT ctid FROM :schema.ready WHERE lane = a_lane AND place >= lowest
    ORDER BY place LIMIT max FOR UPDATE SKIP LOCKED);
  taken record := :schema.take_rows(rows, now);
BEGIN
  jobs := taken.jobs;
  epochs := taken.epochs;
  last_place := taken.last_place;
END $$;

-- The same from the beginning of a lane where that has been slow: from its floor. If that does not
-- help, because a transaction which has created jobs does not end, most claims begin at the place
-- where the last one of this connection ended, and only one in a while looks at what has come in
-- before that place: higher priorities, late commits, jobs given back. That may take a twentieth of
-- the time, and a third when there is not enough to do otherwise.
--
-- `memory`: last place, jobs taken so far, when the beginning was last looked at and how long that
-- took (microseconds), whether there is a floor, and jobs taken when that was last raised.
CREATE OR REPLACE FUNCTION :schema.take_slow_lane(a_lane integer, max integer, now timestamptz,
  memory_name text, memory bigint[], OUT jobs uuid[], OUT epochs bigint[])
LANGUAGE plpgsql AS $$
DECLARE
  first_place constant bigint := -9223372036854775808;
  begun bigint := extract(epoch FROM clock_timestamp()) * 1000000;
  rested bigint := begun - memory[3];
  is_slow boolean;
  f :schema.lane_floor;
  taken record;
BEGIN
  -- Others may have found the lane slow.
  IF memory[5] = 1 OR memory[4] > 4000 OR rested NOT BETWEEN 0 AND 1000000 THEN
    SELECT * INTO f FROM :schema.lane_floor WHERE lane = a_lane;
    IF FOUND <> (memory[5] = 1) THEN
      memory[4] := 0;
      memory[5] := FOUND::integer;
    END IF;
  END IF;
  -- Not for one bad moment: after many jobs, or when it is beyond all bad moments.
  is_slow := (memory[2] > 5000 AND memory[4] > 4000 OR memory[2] > 500 AND memory[4] > 100000)
             AND rested BETWEEN 0 AND least(memory[4] * 20, 5000000);
  jobs := '{}';
  epochs := '{}';
  IF is_slow THEN
    taken := :schema.take_from_place(a_lane, memory[1], max, now);
    jobs := taken.jobs;
    epochs := taken.epochs;
    memory[1] := greatest(taken.last_place, memory[1]);
  END IF;
  IF NOT is_slow OR (cardinality(jobs) < max AND rested > memory[4] * 2) THEN
    IF memory[5] = 1 THEN
      taken := :schema.take_above(f, max - cardinality(jobs), now);
    ELSE
      taken := :schema.take_from_place(a_lane, first_place, max - cardinality(jobs), now);
    END IF;
    memory[3] := extract(epoch FROM clock_timestamp()) * 1000000;
    -- With a floor, without what the jobs themselves cost.
    memory[4] := greatest(memory[3] - begun - memory[5] * 20 * cardinality(taken.jobs), 0);
    IF cardinality(jobs) + cardinality(taken.jobs) = max THEN
      -- There may be more right behind them, before the place of the last claim.
      memory[1] := taken.last_place;
    ELSE
      memory[1] := greatest(taken.last_place, memory[1]);
    END IF;
    jobs := taken.jobs || jobs;
    epochs := taken.epochs || epochs;
  END IF;
  memory[2] := memory[2] + cardinality(jobs);
  IF memory[5] = 1 THEN
    IF :schema.tend_floor(f, memory_name || '_floor',
                          f.position = 0 OR memory[2] - memory[6] > 10000) THEN
      memory[4] := 0;
      memory[6] := memory[2];
    END IF;
  ELSIF memory[2] > 500 AND memory[4] > 50000 THEN
    INSERT INTO :schema.lane_floor VALUES (a_lane, now, 0, '{}') ON CONFLICT DO NOTHING;
  END IF;
  -- Forgotten when it is slow no more.
  IF memory[5] = 1 OR memory[4] > 1000 THEN
    PERFORM set_config(memory_name, array_to_string(memory, ','), false);
  ELSE
    PERFORM set_config(memory_name, '', false);
  END IF;
END $$;

-- Takes the first ready jobs of one lane. Nothing is remembered of it before a claim takes long.
CREATE OR REPLACE FUNCTION :schema.take_lane(a_lane integer, max integer, now timestamptz,
  OUT jobs uuid[], OUT epochs bigint[])
LANGUAGE plpgsql AS $$
DECLARE
  first_place constant bigint := -9223372036854775808;
  memory_name text := 'portfire.took_' || ':schema.ready'::regclass::oid || '_' || a_lane;
  memory text := coalesce(current_setting(memory_name, true), '');
  begun timestamptz := clock_timestamp();
  taken record;
  microseconds bigint;
BEGIN
  -- Others may have found it slow.
  IF memory <> '' OR EXISTS (SELECT FROM :schema.lane_floor WHERE lane = a_lane) THEN
    SELECT t.* INTO jobs, epochs
    FROM :schema.take_slow_lane(
      a_lane, max, now, memory_name,
      string_to_array(coalesce(nullif(memory, ''), first_place || ',0,0,0,0,0'), ',')::bigint[]) t;
    RETURN;
  END IF;
  taken := :schema.take_from_place(a_lane, first_place, max, now);
  jobs := taken.jobs;
  epochs := taken.epochs;
  IF clock_timestamp() - begun > interval '4 ms' THEN
    microseconds := extract(epoch FROM clock_timestamp() - begun) * 1000000;
    PERFORM set_config(
      memory_name,
      concat_ws(',', coalesce(taken.last_place, first_place), cardinality(jobs),
                (extract(epoch FROM begun) * 1000000)::bigint, microseconds, 0, 0), false);
  END IF;
END $$;

-- The first of several lanes, read as one.
CREATE OR REPLACE FUNCTION :schema.take_lanes(lanes integer[], max integer, now timestamptz,
  OUT jobs uuid[], OUT epochs bigint[])
LANGUAGE plpgsql AS $$
BEGIN
  SELECT t.jobs, t.epochs INTO jobs, epochs FROM :schema.take_rows(ARRAY(
    SELECT first.row FROM unnest(lanes) AS l (number), LATERAL (
      SELECT ctid AS row, place FROM :schema.ready WHERE lane = l.number
      ORDER BY place LIMIT max FOR UPDATE SKIP LOCKED) first
    ORDER BY first.place LIMIT max), now) t;
END $$;

CREATE OR REPLACE FUNCTION :schema.claim(shift interval, server_id uuid, a_token bigint,
  queues text[], max integer)
RETURNS SETOF :schema.execution LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_mergejoin = off
SET enable_hashjoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
  s record;
  c :schema.claim;
  a_queue text;
  lanes integer[];
  suspect_lanes integer[];
  took_suspect boolean := false;
  taken record;
  room integer;
  lock text;
  a_number bigint;
  all_jobs uuid[] := '{}';
  all_epochs bigint[] := '{}';
BEGIN
  SELECT number, job_names INTO s FROM :schema.server WHERE id = server_id AND present;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  -- It is not struck off from here to the commit; its heartbeats go on.
  lock := pg_advisory_xact_lock_shared(:schema.server_lock_class(), s.number);
  -- One claim at a time, so that one which is sent again finds what the first has taken.
  lock := pg_advisory_xact_lock(:schema.server_lock_class(), -s.number);
  SELECT latest.* INTO c
  FROM :schema.server LEFT JOIN LATERAL (
    SELECT * FROM :schema.claim WHERE claim.server = server.number AND token >= a_token
    ORDER BY token DESC LIMIT 1) latest ON true
  WHERE server.id = server_id AND present;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF c.number IS NOT NULL THEN
    IF c.token = a_token THEN
      RETURN QUERY
        SELECT e.* FROM :schema.still_held(c) h, LATERAL
          :schema.executions(c.number, ARRAY[h.job], ARRAY[h.epoch], c.at) e;
    END IF;
    RETURN;
  END IF;

  FOREACH a_queue IN ARRAY queues LOOP
    EXIT WHEN cardinality(all_jobs) >= max;
    -- None of one that is paused.
    SELECT array_agg(number) FILTER (WHERE NOT suspect), array_agg(number) FILTER (WHERE suspect)
    INTO lanes, suspect_lanes FROM :schema.lane
    WHERE queue = a_queue AND (handler = '' OR handler = ANY (s.job_names))
      AND NOT EXISTS (SELECT FROM :schema.queue WHERE name = a_queue AND paused);
    IF suspect_lanes IS NOT NULL AND NOT took_suspect AND NOT :schema.holds_suspect(s.number) THEN
      taken := :schema.take_lanes(suspect_lanes, 1, now);
      took_suspect := cardinality(taken.jobs) > 0;
      all_jobs := all_jobs || taken.jobs;
      all_epochs := all_epochs || taken.epochs;
    END IF;
    room := max - cardinality(all_jobs);
    CONTINUE WHEN lanes IS NULL OR room <= 0;
    IF cardinality(lanes) = 1 THEN
      taken := :schema.take_lane(lanes[1], room, now);
    ELSE
      taken := :schema.take_lanes(lanes, room, now);
    END IF;
    all_jobs := all_jobs || taken.jobs;
    all_epochs := all_epochs || taken.epochs;
  END LOOP;
  IF cardinality(all_jobs) = 0 THEN
    RETURN;
  END IF;
  INSERT INTO :schema.claim (number, server, token, at, jobs, epochs)
  VALUES (:schema.new_claim_number(), s.number, a_token, now, all_jobs, all_epochs)
  RETURNING number INTO a_number;
  RETURN QUERY SELECT * FROM :schema.executions(a_number, all_jobs, all_epochs, now);
END $$;

CREATE OR REPLACE FUNCTION :schema.held(server_id uuid)
RETURNS TABLE (job uuid, epoch bigint, claim bigint) LANGUAGE sql STABLE AS $$
  SELECT h.job, h.epoch, c.number
  FROM :schema.server s JOIN :schema.claim c ON c.server = s.number,
       LATERAL :schema.still_held(c) WITH ORDINALITY AS h (job, epoch, n)
  WHERE s.id = server_id ORDER BY c.at, c.number, h.n;
$$;

-- Positions of those executions that are not held any more, with the name of the job's state now.
CREATE OR REPLACE FUNCTION :schema.revoked(ids uuid[], all_epochs bigint[], claims bigint[])
RETURNS TABLE (index integer, state text) LANGUAGE sql STABLE AS $$
  SELECT u.n::integer, coalesce(
    (SELECT CASE WHEN j.kind = 0 AND NOT :schema.is_ready(j) THEN 'Processing' ELSE s.name END
     FROM :schema.job j JOIN :schema.state s ON s.number = j.state WHERE j.id = u.id),
    (SELECT s.name FROM :schema.finished f JOIN :schema.state s ON s.number = f.state
     WHERE f.id = u.id AND f.expires_at > (SELECT expired_until FROM :schema.horizon)), '')
  FROM unnest(ids, all_epochs) WITH ORDINALITY AS u (id, epoch, n)
  WHERE NOT EXISTS (
    SELECT FROM :schema.job j
    WHERE j.id = u.id AND j.kind = 0 AND j.epoch = u.epoch - 1 AND NOT :schema.is_ready(j));
$$;
