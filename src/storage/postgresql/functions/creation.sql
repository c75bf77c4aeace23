-- Creating jobs.

-- Whether a job of this id exists or has existed lately.
CREATE OR REPLACE FUNCTION :schema.was_created(a_job uuid)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM :schema.job WHERE id = a_job)
      OR EXISTS (SELECT FROM :schema.finished WHERE id = a_job)
      OR EXISTS (SELECT FROM :schema.remembered WHERE id = a_job);
$$;

-- Takes the key for a job, or says who holds it. Everybody who asks for one key waits here for
-- those who have asked before.
CREATE OR REPLACE FUNCTION :schema.take_key(u jsonb, a_job uuid, now timestamptz)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  a_window timestamptz :=
    CASE WHEN u ? 'window' THEN :schema.later(now, (u->>'window')::bigint) END;
  k record;
  kind_now smallint;
  j :schema.job;
BEGIN
  INSERT INTO :schema.unique_key (key, holder, held_while, window_until)
  VALUES (u->>'key', a_job, (u->>'held_while')::smallint, a_window)
  ON CONFLICT (key) DO UPDATE SET holder = unique_key.holder
  RETURNING holder, held_while, window_until, xmax = 0 AS is_new INTO k;
  IF k.is_new THEN
    RETURN NULL;
  END IF;
  IF k.window_until IS NOT NULL THEN
    IF now < k.window_until THEN
      RETURN k.holder;
    END IF;
  ELSE
    SELECT * INTO j FROM :schema.job WHERE id = k.holder;
    IF FOUND THEN
      kind_now := CASE WHEN j.kind = 0 AND NOT :schema.is_ready(j) THEN 3 ELSE j.kind END;
    ELSIF EXISTS (SELECT FROM :schema.finished WHERE id = k.holder
                  AND expires_at > (SELECT expired_until FROM :schema.horizon)) THEN
      kind_now := 5;
    END IF;
    IF (k.held_while::integer >> kind_now) & 1 = 1 THEN
      RETURN k.holder;
    END IF;
  END IF;
  UPDATE :schema.unique_key
  SET holder = a_job, held_while = (u->>'held_while')::smallint, window_until = a_window
  WHERE key = u->>'key';
  RETURN NULL;
END $$;

-- Jobs that can only be created or exist, many at a time: without parents, keys or words, ready or,
-- with a due time (microseconds) or a delay, timed. `units` says which belong together; returns
-- those of which a job existed, and creates none of theirs.
--
-- Ids are ordered by time, so that those of new jobs lie in a narrow range in which, as a rule,
-- there is nothing yet: one look at each index tells that none of them exists. Where `are_new` says
-- that nobody has heard of any of them before, that is believed; the primary key would object.
CREATE OR REPLACE FUNCTION :schema.create_plain(shift interval, units integer[], ids uuid[],
  names text[], all_arguments text[], queues text[], priorities integer[], all_parameters text[],
  dues bigint[], delays bigint[], are_new boolean)
RETURNS SETOF integer LANGUAGE plpgsql
SET lock_timeout = '50ms' SET enable_seqscan = off SET jit = off AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
  one_lane integer;
  sorted uuid[];
  lowest uuid;
  highest uuid;
  existing integer[] := '{}';
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
  IF queues[1] = ALL (queues) THEN
    one_lane := :schema.lane_number(queues[1], '', false);
  END IF;
  WITH input AS MATERIALIZED (
    SELECT u.*, nextval(':schema.position') AS position,
           coalesce(one_lane, :schema.lane_number(u.queue, '', false)) AS lane,
           CASE WHEN due IS NOT NULL THEN :schema.from_unix(due)
                WHEN delay IS NOT NULL THEN :schema.later(now, delay) END AS until,
           CASE WHEN due IS NULL AND delay IS NULL THEN 0 ELSE 1 END AS kind
    FROM unnest(units, ids, names, all_arguments, queues, priorities, all_parameters, dues, delays)
      AS u (unit, id, name, arguments, queue, priority, parameters, due, delay)
    WHERE unit <> ALL (existing)),
  created AS (
    INSERT INTO :schema.job (id, position, place, created_at, since, lane, state, kind, name,
                             arguments, parameters, until)
    SELECT id, position, :schema.place_of(priority, position), now, now, lane, kind + 1, kind, name,
           arguments, parameters::jsonb, until
    FROM input),
  queued AS (
    INSERT INTO :schema.ready (lane, place, epoch, state, job)
    SELECT lane, :schema.place_of(priority, position), 0, 1, id FROM input WHERE kind = 0)
  INSERT INTO :schema.change (at, lane, left_state, entered, count)
  SELECT now, lane, 0, kind + 1, count(*) FROM input GROUP BY lane, kind;
  -- Again, because one may have been finished while its row was waited for.
  IF NOT are_new AND EXISTS (SELECT FROM :schema.finished WHERE id BETWEEN lowest AND highest)
     AND EXISTS (
    SELECT FROM unnest(units, ids) AS u (unit, id) JOIN :schema.finished ON finished.id = u.id
    WHERE unit <> ALL (existing))
  THEN
    RAISE unique_violation USING MESSAGE = 'a job was created and finished by another transaction';
  END IF;

  PERFORM :schema.tell(ARRAY(
    SELECT DISTINCT CASE WHEN due IS NULL AND delay IS NULL THEN 'queue/' || queue ELSE 'due' END
    FROM unnest(queues, dues, delays) AS u (queue, due, delay)));
  RETURN QUERY SELECT unnest(existing);
END $$;

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
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  now timestamptz := clock_timestamp() + shift;
  a_lane integer;
  a_position bigint := nextval(':schema.position');
  a_place bigint := a_position - a_priority::bigint * 1099511627776;
BEGIN
  SELECT number INTO a_lane FROM :schema.lane
  WHERE queue = a_queue AND handler = '' AND NOT suspect;
  IF NOT FOUND THEN
    a_lane := :schema.lane_number(a_queue, '', false);
  END IF;
  INSERT INTO :schema.job (id, position, place, created_at, since, lane, state, kind, name,
                           arguments, parameters)
  VALUES (an_id, a_position, a_place, now, now, a_lane, 1, 0, a_name, some_arguments,
          some_parameters::jsonb);
  INSERT INTO :schema.ready (lane, place, epoch, state, job)
  VALUES (a_lane, a_place, 0, 1, an_id);
  INSERT INTO :schema.change (at, lane, left_state, entered, count) VALUES (now, a_lane, 0, 1, 1);
  -- What `tell` looks at too, without the call.
  IF EXISTS (SELECT FROM :schema.waiting WHERE topic = 'queue/' || a_queue)
     OR current_setting('portfire.tell_everybody', true) = 'on' THEN
    PERFORM :schema.tell(ARRAY['queue/' || a_queue]);
  END IF;
END $$;

-- Looks at the parents of a new job and writes the edges. `is_over` says that nothing is waited
-- for, `is_unmet` that a condition can no longer be met.
CREATE OR REPLACE FUNCTION :schema.wait_for_parents(a_child uuid, parents jsonb,
  OUT missing uuid, OUT is_over boolean, OUT is_unmet boolean)
LANGUAGE plpgsql AS $$
DECLARE
  p record;
  located record;
  an_ending integer;
  verdict integer;
BEGIN
  is_over := true;
  is_unmet := false;
  FOR p IN
    SELECT (value->>'job')::uuid AS job,
           coalesce((value->>'on')::smallint, 0::smallint) AS condition,
           ordinality::integer AS number
    FROM jsonb_array_elements(parents) WITH ORDINALITY
  LOOP
    SELECT * INTO located FROM :schema.lock_job(p.job, true);
    IF located.place_of_row = 0 THEN
      missing := p.job;
      RETURN;
    END IF;
    SELECT ending INTO an_ending FROM :schema.state WHERE number = (located.j).state;
    verdict := :schema.verdict(p.condition, an_ending);
    is_unmet := is_unmet OR verdict = 1;
    CONTINUE WHEN verdict <> 2;
    is_over := false;
    INSERT INTO :schema.edge VALUES (p.job, a_child, p.number, p.condition);
    UPDATE :schema.job SET marks = marks | 1 WHERE id = p.job AND marks & 1 = 0;
    IF located.place_of_row = 2 THEN
      UPDATE :schema.finished SET marks = marks | 1 WHERE id = p.job AND marks & 1 = 0;
    END IF;
  END LOOP;
END $$;

-- One job of any kind. The answer's `existing` holds the pair where another holds its key.
CREATE OR REPLACE FUNCTION :schema.create_job(n jsonb, now timestamptz)
RETURNS :schema.answer LANGUAGE plpgsql AS $$
DECLARE
  j :schema.job;
  a_state jsonb := n->'state';
  u jsonb := n->'unique';
  holder uuid;
  missing uuid;
  is_over boolean := false;
  is_unmet boolean := false;
BEGIN
  j.id := (n->>'id')::uuid;
  IF :schema.was_created(j.id) THEN
    RETURN ROW(1, 0, 0, NULL, NULL, NULL):::schema.answer;
  END IF;
  IF u IS NOT NULL THEN
    holder := :schema.take_key(u, j.id, now);
    IF holder = j.id THEN
      RETURN ROW(1, 0, 0, NULL, NULL, NULL):::schema.answer;
    ELSIF holder IS NOT NULL AND coalesce((u->>'on_duplicate')::integer, 0) = 0 THEN
      RETURN ROW(4, 0, 1, j.id, holder, NULL):::schema.answer;
    ELSIF holder IS NOT NULL THEN
      RETURN ROW(0, 0, 0, NULL, NULL, jsonb_build_array(j.id, holder)):::schema.answer;
    END IF;
    j.unique_key := u->>'key';
  END IF;
  j.position := nextval(':schema.position');
  j.place := :schema.place_of(coalesce((n->>'priority')::integer, 0), j.position);
  j.epoch := 0;
  j.created_at := now;
  j.lane := :schema.lane_number(coalesce(n->>'queue', 'default'), '', false);
  j.marks := 0;
  j.attempt := 0;
  j.name := n->>'name';
  j.arguments := coalesce(n->>'arguments', '[]');
  j.parameters := n->'parameters';
  IF n ? 'parents' THEN
    SELECT p.missing, p.is_over, p.is_unmet INTO missing, is_over, is_unmet
    FROM :schema.wait_for_parents(j.id, n->'parents') p;
    IF missing IS NOT NULL THEN
      RETURN ROW(4, 0, 2, j.id, missing, NULL):::schema.answer;
    END IF;
  END IF;

  j := :schema.enter(j, a_state, n->'elected_away', now);
  j.place := :schema.place_of(:schema.priority_of(j.place), j.position);
  IF is_over OR is_unmet THEN
    -- Decided already: both states stand in its history.
    DELETE FROM :schema.edge WHERE child = j.id;
    j := :schema.leave(j, NULL);
    INSERT INTO :schema.change VALUES (now, j.lane, 0, NULL, 1);
    j := :schema.enter(j, CASE WHEN is_unmet THEN n->'when_unmet' ELSE n->'when_met' END,
                       NULL, now);
    INSERT INTO :schema.change VALUES (now, j.lane, NULL, j.state, 1);
  ELSE
    j.when_met := n->'when_met';
    j.when_unmet := n->'when_unmet';
    INSERT INTO :schema.change VALUES (now, j.lane, 0, j.state, 1);
  END IF;
  PERFORM :schema.write(j, 0);
  IF j.kind <> 5 AND EXISTS (SELECT FROM :schema.finished WHERE id = j.id) THEN
    RAISE unique_violation USING MESSAGE = 'a job was created and finished by another transaction';
  END IF;
  RETURN ROW(0, 0, 0, NULL, NULL, NULL):::schema.answer;
END $$;
