-- Batches: jobs that wait for their members.
--
-- What the steps of a unit change about batches is noted, and applied at its end: one update of
-- each, inner batches first, after all jobs. The notes are a setting of the transaction, so that
-- what is undone takes its notes along: `batch,total,outstanding,succeeded,release;` repeated.

CREATE OR REPLACE FUNCTION :schema.note_batch(a_batch uuid, a_total bigint, an_outstanding bigint,
  a_succeeded bigint, a_release integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  noted text := coalesce(current_setting('portfire.batches', true), '');
  a_position bigint;
  last text[] := string_to_array(split_part(noted, ';', 1), ',');
BEGIN
  SELECT position INTO a_position FROM :schema.batch WHERE id = a_batch;
  IF NOT FOUND THEN
    -- It is gone, and nobody counts any more.
    RETURN;
  END IF;
  IF last[1] = a_position::text THEN
    -- Members of one batch come in rows: one note for each row.
    a_total := a_total + last[2]::bigint;
    an_outstanding := an_outstanding + last[3]::bigint;
    a_succeeded := a_succeeded + last[4]::bigint;
    a_release := greatest(a_release, last[5]::integer);
    noted := substr(noted, strpos(noted, ';') + 1);
  END IF;
  PERFORM set_config('portfire.batches',
    concat_ws(',', a_position, a_total, an_outstanding, a_succeeded, a_release) || ';' || noted,
    true);
END $$;

CREATE OR REPLACE FUNCTION :schema.notes(noted text)
RETURNS TABLE (batch bigint, total bigint, outstanding bigint, succeeded bigint,
               release integer) LANGUAGE sql IMMUTABLE AS $$
  SELECT note[1]::bigint, sum(note[2]::bigint)::bigint, sum(note[3]::bigint)::bigint,
         sum(note[4]::bigint)::bigint, max(note[5]::integer)
  FROM unnest(string_to_array(rtrim(noted, ';'), ';')) AS one,
       LATERAL string_to_array(one, ',') AS note
  GROUP BY 1;
$$;

-- Whether a member in that state has ended.
CREATE OR REPLACE FUNCTION :schema.ends_member(a_state smallint)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT kind IN (4, 5) AND ending IN (1, 2, 4) FROM :schema.state WHERE number = a_state;
$$;

-- A new member, already in its state.
CREATE OR REPLACE FUNCTION :schema.note_member(j :schema.job)
RETURNS void LANGUAGE sql AS $$
  SELECT :schema.note_batch(j.batch, 1, CASE WHEN :schema.ends_member(j.state) THEN 0 ELSE 1 END,
    CASE WHEN :schema.ends_member(j.state) AND ending = 1 THEN 1 ELSE 0 END, 0)
  FROM :schema.state WHERE number = j.state;
$$;

-- A member or a batch has entered a state.
CREATE OR REPLACE FUNCTION :schema.note_move(j :schema.job, left_state smallint, a_release integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  ended boolean := :schema.ends_member(left_state);
  ends boolean := :schema.ends_member(j.state);
  ending_before smallint := (SELECT ending FROM :schema.state WHERE number = left_state);
  ending_now smallint := (SELECT ending FROM :schema.state WHERE number = j.state);
  outstanding integer := ended::integer - ends::integer;
  succeeded integer := (ends AND ending_now = 1)::integer - (ended AND ending_before = 1)::integer;
BEGIN
  IF j.batch IS NOT NULL AND (outstanding <> 0 OR succeeded <> 0) THEN
    PERFORM :schema.note_batch(j.batch, 0, outstanding, succeeded, a_release);
  END IF;
  IF j.marks & 2 <> 0 AND ending_now = 2 THEN
    PERFORM :schema.note_batch(j.id, 0, 0, 0, a_release);
  END IF;
END $$;

-- Whether that is a batch which was not deleted. Not in SQL, as `was_created`.
CREATE OR REPLACE FUNCTION :schema.is_open_batch(a_batch uuid)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM :schema.job j JOIN :schema.state s ON s.number = j.state
                 WHERE j.id = a_batch AND j.marks & 2 <> 0 AND s.ending <> 2)
      OR EXISTS (SELECT FROM :schema.finished f JOIN :schema.state s ON s.number = f.state
                 WHERE f.id = a_batch AND f.marks & 2 <> 0 AND s.ending <> 2
                   AND f.expires_at > (SELECT expired_until FROM :schema.horizon));
END $$;

-- The same for who is about to add members: from then on to the commit nobody deletes it and sweeps
-- it without them.
CREATE OR REPLACE FUNCTION :schema.takes_members(a_batch uuid)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM :schema.batch WHERE id = a_batch FOR UPDATE;
  RETURN FOUND AND :schema.is_open_batch(a_batch);
END $$;

CREATE OR REPLACE FUNCTION :schema.add_batch(j :schema.job, n jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO :schema.batch (position, id, opened, all_succeeded, all_ended)
  VALUES (j.position, j.id, n->'state', n->'when_met', n->'when_unmet');
  PERFORM :schema.note_batch(j.id, 0, 0, 0, 0);
END $$;

CREATE OR REPLACE FUNCTION :schema.begin_sweep(b :schema.batch, j :schema.job)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF b.swept_up_to IS NULL THEN
    UPDATE :schema.batch SET swept_up_to = 0,
      retention = CASE WHEN j.until < 'infinity' THEN
                    :schema.to_unix(j.until) - :schema.to_unix(j.since) END
    WHERE position = b.position;
    PERFORM :schema.tell(ARRAY['due']);
  END IF;
END $$;

-- The batch of a job waits, and all its members have ended.
CREATE OR REPLACE FUNCTION :schema.conclude_batch(b :schema.batch, j :schema.job,
  a_release integer, now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  next_ending integer;
BEGIN
  j.when_met := b.all_succeeded;
  j.when_unmet := b.all_ended;
  j := :schema.conclude(j, b.succeeded = b.total, a_release, now);
  IF a_release = 0 THEN
    SELECT ending INTO next_ending FROM :schema.state WHERE number = j.state;
    PERFORM :schema.tell_end(j.id, j.kind, next_ending);
    IF next_ending <> 0 AND j.marks & 1 <> 0 THEN
      PERFORM :schema.settle(j.id, next_ending, 0, now);
    END IF;
  END IF;
END $$;

-- It has ended, or is about to, and a member has not.
CREATE OR REPLACE FUNCTION :schema.reopen_batch(b :schema.batch, j :schema.job,
  past :schema.finished, now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  left_lane integer := j.lane;
  left_state smallint := j.state;
  place_of_row integer := CASE WHEN past.id IS NULL THEN 1 ELSE 2 END;
BEGIN
  IF place_of_row = 2 THEN
    j := :schema.bring_back(j, past);
  END IF;
  j := :schema.leave(j, NULL);
  PERFORM :schema.enter_and_store(j, place_of_row, left_lane, left_state,
    b.opened || '{"reason":"A member began anew"}', NULL, 0, now);
END $$;

-- Changes the numbers of a batch, and its state if they say so.
CREATE OR REPLACE FUNCTION :schema.decide_batch(a_position bigint, a_total bigint,
  an_outstanding bigint, a_succeeded bigint, a_release integer, now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  b :schema.batch;
  located record;
  j :schema.job;
  an_ending smallint;
BEGIN
  UPDATE :schema.batch SET total = total + a_total, outstanding = outstanding + an_outstanding,
    succeeded = succeeded + a_succeeded
  WHERE position = a_position RETURNING * INTO b;
  IF NOT FOUND OR (b.outstanding > 0 AND EXISTS (
    SELECT FROM :schema.job JOIN :schema.state ON state.number = job.state
    WHERE job.id = b.id AND job.kind = 2 AND state.ending <> 2))
  THEN
    RETURN;
  END IF;
  SELECT * INTO located FROM :schema.lock_job(b.id, true);
  IF located.place_of_row = 0 THEN
    RETURN;
  END IF;
  j := located.j;
  SELECT ending INTO an_ending FROM :schema.state WHERE number = j.state;
  IF an_ending = 2 THEN
    PERFORM :schema.begin_sweep(b, j);
  ELSIF b.outstanding = 0 AND j.kind = 2 THEN
    PERFORM :schema.conclude_batch(b, j, a_release, now);
  ELSIF b.outstanding > 0 AND (j.kind IN (4, 5) OR (j.kind = 1 AND j.when_due IS NOT NULL)) THEN
    PERFORM :schema.reopen_batch(b, j, located.past, now);
  END IF;
END $$;

-- Applies what was noted, and what comes of that: always the batch that was created last.
CREATE OR REPLACE FUNCTION :schema.settle_batches(now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  noted text := current_setting('portfire.batches', true);
  later text;
  c record;
  is_put_back boolean;
BEGIN
  WHILE noted <> '' LOOP
    PERFORM set_config('portfire.batches', '', true);
    is_put_back := false;
    FOR c IN SELECT * FROM :schema.notes(noted) ORDER BY batch DESC LOOP
      later := current_setting('portfire.batches');
      IF later <> '' AND NOT is_put_back THEN
        is_put_back := EXISTS (SELECT FROM :schema.notes(later) n WHERE n.batch >= c.batch);
      END IF;
      IF is_put_back THEN
        PERFORM set_config('portfire.batches', later || concat_ws(',', c.batch, c.total,
                             c.outstanding, c.succeeded, c.release) || ';', true);
      ELSE
        PERFORM :schema.decide_batch(c.batch, c.total, c.outstanding, c.succeeded, c.release,
                                     now);
      END IF;
    END LOOP;
    noted := current_setting('portfire.batches');
  END LOOP;
END $$;
