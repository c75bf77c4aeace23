-- Limits: so many jobs of one key count at a time, and the others stand in line.
--
-- Locks are taken in one order: keys of limits as their bytes are ordered, jobs, batches. Who makes
-- room has the key and then wants the first job in line, so verbs lock the keys of the jobs that
-- they name before these. What shows only later (a continuation that is let go, a job that was not
-- limited when looked at) is locked out of turn: where two collide over that, the timeout of one
-- ends it, or the database does, and the driver begins anew.
--
-- Whoever stops counting or leaves the line notes the key, in a setting of the transaction as for
-- batches. Noted keys are settled at the end of each unit, after the batches.

CREATE OR REPLACE FUNCTION :schema.note_limit(a_key text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  noted jsonb := coalesce(nullif(current_setting('portfire.limits', true), ''), '[]');
BEGIN
  IF NOT noted ? a_key THEN
    PERFORM set_config('portfire.limits', (noted || to_jsonb(a_key))::text, true);
  END IF;
END $$;

-- Locks the key to the end of the transaction; returns how many jobs count.
CREATE OR REPLACE FUNCTION :schema.lock_limit(a_key text)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  in_use integer;
BEGIN
  LOOP
    SELECT counting INTO in_use FROM :schema.limit_key WHERE key = a_key FOR UPDATE;
    IF FOUND THEN
      RETURN in_use;
    END IF;
    INSERT INTO :schema.limit_key (key) VALUES (a_key) ON CONFLICT DO NOTHING;
    -- If nobody comes to count, it goes again.
    PERFORM :schema.note_limit(a_key);
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION :schema.lock_limits(keys text[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM :schema.lock_limit(sorted.key)
  FROM (SELECT DISTINCT key COLLATE "C" AS key FROM unnest(keys) AS each (key)
        WHERE key IS NOT NULL ORDER BY 1) AS sorted;
END $$;

CREATE OR REPLACE FUNCTION :schema.limits_of_jobs(ids uuid[])
RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(key) FROM :schema.limited WHERE job = ANY (ids);
$$;

-- The keys that the units name, by the jobs that they create, change or replace.
CREATE OR REPLACE FUNCTION :schema.lock_limits_of_units(units jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  keys text[] := ARRAY(
    SELECT n->'limit'->>'key'
    FROM jsonb_array_elements(units) u, jsonb_array_elements(coalesce(u->'jobs', '[]')) n
    WHERE n ? 'limit');
BEGIN
  IF EXISTS (SELECT FROM :schema.limit_key) THEN
    keys := keys || :schema.limits_of_jobs(ARRAY(
      SELECT (t->>'job')::uuid
      FROM jsonb_array_elements(units) u, jsonb_array_elements(coalesce(u->'transitions', '[]')) t
      UNION ALL
      SELECT (SELECT holder FROM :schema.unique_key WHERE key = n->'unique'->>'key')
      FROM jsonb_array_elements(units) u, jsonb_array_elements(coalesce(u->'jobs', '[]')) n
      WHERE n->'unique'->>'on_duplicate' = '2'));
  END IF;
  IF cardinality(keys) > 0 THEN
    PERFORM :schema.lock_limits(keys);
  END IF;
END $$;

-- The same for one job of which the row is locked already: does not wait, and says whether it may
-- be deleted.
CREATE OR REPLACE FUNCTION :schema.try_limit_of(a_job uuid)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  l :schema.limited;
BEGIN
  SELECT * INTO l FROM :schema.limited WHERE job = a_job;
  IF l.counts OR l.line IS NOT NULL THEN
    PERFORM FROM :schema.limit_key WHERE key = l.key FOR UPDATE SKIP LOCKED;
    RETURN FOUND;
  END IF;
  RETURN true;
END $$;

-- Stores whether the job counts, and where it stands in line. The key's row is changed in any case:
-- in a transaction that sees an older state of the database it cannot be locked any more then.
CREATE OR REPLACE FUNCTION :schema.write_limited(l :schema.limited, before :schema.limited)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE :schema.limited SET counts = l.counts, line = l.line, wanted = l.wanted
  WHERE job = l.job;
  UPDATE :schema.limit_key SET
    counting = counting + l.counts::integer - before.counts::integer,
    standing = standing + (l.line IS NOT NULL)::integer - (before.line IS NOT NULL)::integer
  WHERE key = l.key;
END $$;

-- The state that a limited job enters on its way to the given one: that one, or, if it is not its
-- turn, one in which it stands in line.
CREATE OR REPLACE FUNCTION :schema.stand_in_line(a_job uuid, a_state jsonb, now timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  l :schema.limited;
  before :schema.limited;
  a_kind integer := coalesce((a_state->>'kind')::integer, 0);
  is_counted_kind boolean;
  asks boolean;
  in_use integer;
BEGIN
  SELECT * INTO before FROM :schema.limited WHERE job = a_job;
  l := before;
  is_counted_kind := (l.counts_while::integer >> a_kind) & 1 = 1;
  asks := NOT l.counts AND is_counted_kind AND a_kind IN (0, 1);
  IF l.line IS NULL AND NOT asks AND (is_counted_kind OR NOT l.counts) THEN
    RETURN a_state;
  END IF;
  in_use := :schema.lock_limit(l.key);
  IF l.line IS NOT NULL OR l.counts THEN
    PERFORM :schema.note_limit(l.key);
  END IF;
  l.line := NULL;
  l.wanted := NULL;
  l.counts := asks AND in_use < l.at_once AND NOT EXISTS (
    SELECT FROM :schema.limited WHERE key = l.key AND line IS NOT NULL AND job <> a_job);
  IF asks AND NOT l.counts THEN
    l.line := nextval(':schema.position');
    l.wanted := a_state;
    IF a_kind = 1 AND NOT a_state ? 'due_at' THEN
      -- A delay counts from now.
      l.wanted := a_state || jsonb_build_object('due_at', :schema.to_unix(
        :schema.later(now, coalesce((a_state->>'due_in')::bigint, 0))));
    END IF;
    a_state := '{"name":"Awaiting","kind":2,"reason":"Others of its limit come first"}';
  END IF;
  PERFORM :schema.write_limited(l, before);
  RETURN a_state;
END $$;

-- A limited job is going to be removed.
CREATE OR REPLACE FUNCTION :schema.leave_limit(a_job uuid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  l :schema.limited;
  before :schema.limited;
BEGIN
  SELECT * INTO before FROM :schema.limited WHERE job = a_job AND counts;
  IF FOUND THEN
    PERFORM :schema.lock_limit(before.key);
    PERFORM :schema.note_limit(before.key);
    l := before;
    l.counts := false;
    PERFORM :schema.write_limited(l, before);
  END IF;
END $$;

-- Lets those go whose turn it is. A key without a row is one that nobody counts or waits for.
CREATE OR REPLACE FUNCTION :schema.settle_limit(a_key text, now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  in_use integer;
  first :schema.limited;
  gone :schema.limited;
  j :schema.job;
BEGIN
  SELECT counting INTO in_use FROM :schema.limit_key WHERE key = a_key FOR UPDATE;
  WHILE in_use IS NOT NULL LOOP
    SELECT * INTO first FROM :schema.limited
    WHERE key = a_key AND line IS NOT NULL ORDER BY line LIMIT 1;
    EXIT WHEN NOT FOUND OR in_use >= first.at_once;
    in_use := in_use + 1;
    SELECT * INTO STRICT j FROM :schema.job WHERE id = first.job FOR UPDATE;
    gone := first;
    gone.counts := true;
    gone.line := NULL;
    gone.wanted := NULL;
    PERFORM :schema.write_limited(gone, first);
    PERFORM :schema.promote_job(j, first.wanted, now);
  END LOOP;
  IF in_use = 0 THEN
    DELETE FROM :schema.limit_key WHERE key = a_key;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION :schema.settle_limits(now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  noted text := current_setting('portfire.limits', true);
  a_key text;
BEGIN
  WHILE noted <> '' LOOP
    PERFORM set_config('portfire.limits', '', true);
    FOR a_key IN
      SELECT key FROM jsonb_array_elements_text(noted::jsonb) AS each (key) ORDER BY key COLLATE "C"
    LOOP
      PERFORM :schema.settle_limit(a_key, now);
    END LOOP;
    noted := current_setting('portfire.limits');
  END LOOP;
END $$;
