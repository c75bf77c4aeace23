-- Templates of recurring jobs.

-- False, and nothing is changed, where the template has another version.
CREATE OR REPLACE FUNCTION :schema.change_recurring(step jsonb, now timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  expected bigint := coalesce((step->>'version')::bigint, 0);
  due timestamptz := :schema.from_unix((step->>'due_at')::bigint);
BEGIN
  IF NOT step ? 'job_name' THEN
    IF expected = 0 THEN
      RETURN NOT EXISTS (SELECT FROM :schema.recurring WHERE id = step->>'id');
    END IF;
    DELETE FROM :schema.recurring WHERE id = step->>'id' AND version = expected;
  ELSIF expected = 0 THEN
    INSERT INTO :schema.recurring (id, version, job_name, due_at, definition, progress, created_at)
    VALUES (step->>'id', 1, step->>'job_name', due, step->>'definition', step->>'progress', now)
    ON CONFLICT DO NOTHING;
  ELSE
    UPDATE :schema.recurring
    SET version = expected + 1, job_name = step->>'job_name', due_at = due,
        definition = step->>'definition', progress = step->>'progress'
    WHERE id = step->>'id' AND version = expected;
  END IF;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM :schema.tell(ARRAY['recurring']);
  RETURN true;
END $$;
