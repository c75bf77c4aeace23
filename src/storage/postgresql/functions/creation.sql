-- Creating jobs.

-- Whether a job of this id exists or has existed lately. Not in SQL, of which each unit would plan
-- the look at all partitions anew.
CREATE OR REPLACE FUNCTION :schema.was_created(a_job uuid)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM :schema.job WHERE id = a_job)
      OR EXISTS (SELECT FROM :schema.remembered WHERE id = a_job)
      OR EXISTS (SELECT FROM :schema.finished WHERE id = a_job);
END $$;

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

-- Looks after the unique key of a new job. No answer: it has the key.
CREATE OR REPLACE FUNCTION :schema.ask_for_key(n jsonb, now timestamptz)
RETURNS :schema.answer LANGUAGE plpgsql AS $$
DECLARE
  an_id uuid := (n->>'id')::uuid;
  on_duplicate integer := coalesce((n->'unique'->>'on_duplicate')::integer, 0);
  holder uuid := :schema.take_key(n->'unique', an_id, now);
BEGIN
  RETURN CASE
    WHEN holder IS NULL THEN NULL
    WHEN holder = an_id THEN ROW(1, 0, 0, NULL, NULL, NULL):::schema.answer
    WHEN on_duplicate = 0 THEN ROW(4, 0, 1, an_id, holder, NULL):::schema.answer
    WHEN on_duplicate = 1 THEN
      ROW(0, 0, 0, NULL, NULL, jsonb_build_array(an_id, holder)):::schema.answer
    ELSE :schema.replace_holder(n, holder, now) END;
END $$;

-- One job of any kind. The answer's `existing` holds the pair where another holds its key.
CREATE OR REPLACE FUNCTION :schema.create_job(n jsonb, now timestamptz)
RETURNS :schema.answer LANGUAGE plpgsql AS $$
DECLARE
  j :schema.job;
  a_state jsonb := n->'state';
  u jsonb := n->'unique';
  given :schema.answer;
  missing uuid;
  is_over boolean := false;
  is_unmet boolean := false;
BEGIN
  j.id := (n->>'id')::uuid;
  IF :schema.was_created(j.id) THEN
    RETURN ROW(1, 0, 0, NULL, NULL, NULL):::schema.answer;
  END IF;
  IF u IS NOT NULL THEN
    given := :schema.ask_for_key(n, now);
    IF given.status IS NOT NULL THEN
      RETURN given;
    END IF;
    j.unique_key := u->>'key';
  END IF;
  j.position := nextval(':schema.position');
  j.place := :schema.place_of(coalesce((n->>'priority')::integer, 0), j.position);
  j.epoch := 0;
  j.created_at := now;
  j.lane := :schema.lane_number(coalesce(n->>'queue', 'default'), '', false);
  j.marks := CASE WHEN n ? 'is_batch' THEN 2 ELSE 0 END;
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
  IF n ? 'batch' THEN
    j.batch := (n->>'batch')::uuid;
    IF NOT :schema.takes_members(j.batch) THEN
      RETURN ROW(4, 0, 3, j.id, j.batch, NULL):::schema.answer;
    END IF;
  END IF;

  IF n ? 'limit' THEN
    j.marks := j.marks | 256;
    INSERT INTO :schema.limited (job, key, at_once, counts_while)
    VALUES (j.id, n->'limit'->>'key', (n->'limit'->>'at_once')::bigint,
            (n->'limit'->>'counts_while')::smallint);
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
    IF n ? 'parents' THEN
      j.when_met := n->'when_met';
      j.when_unmet := n->'when_unmet';
    END IF;
    INSERT INTO :schema.change VALUES (now, j.lane, 0, j.state, 1);
  END IF;
  PERFORM :schema.write(j, 0);
  IF n ? 'is_batch' THEN
    PERFORM :schema.add_batch(j, n);
  END IF;
  IF j.batch IS NOT NULL THEN
    PERFORM :schema.note_member(j);
  END IF;
  IF j.kind <> 5 AND EXISTS (SELECT FROM :schema.finished WHERE id = j.id) THEN
    RAISE unique_violation USING MESSAGE = 'a job was created and finished by another transaction';
  END IF;
  RETURN ROW(0, 0, 0, NULL, NULL, NULL):::schema.answer;
END $$;
