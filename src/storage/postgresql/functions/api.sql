-- For plain SQL: triggers, other languages, people. Everything happens in the caller's transaction.
-- The same rules hold as for the C++ client; what breaks one is refused with SQLSTATE PF001 and a
-- message that names field, value and rule. Filters are C++ and are not asked.

-- Ordered by time (version 7 of RFC 9562).
CREATE OR REPLACE FUNCTION :schema.new_id() RETURNS uuid LANGUAGE sql AS $$
  SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' ||
          substr(replace(gen_random_uuid()::text, '-', ''), 14, 19))::uuid;
$$;

CREATE OR REPLACE FUNCTION :schema.refuse(field text, value text, rule text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'PF001',
    MESSAGE = field || ' is "' || coalesce(left(value, 100), 'NULL') || '"; ' || rule;
END $$;

CREATE OR REPLACE FUNCTION :schema.check_text(field text, value text, longest integer)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(value, '') = '' THEN
    PERFORM :schema.refuse(field, value, 'it must not be empty');
  ELSIF octet_length(value) > longest THEN
    PERFORM :schema.refuse(field, value, 'it must be at most ' || longest || ' bytes long');
  ELSIF value ~ '[\x01-\x1f\x7f]' THEN
    PERFORM :schema.refuse(field, value, 'it must not contain control characters');
  END IF;
END $$;

-- The description of a job as a unit has it, after all checks.
CREATE OR REPLACE FUNCTION :schema.described(name text, arguments jsonb, queue text,
  priority integer, attempts integer, unique_key text, parameters jsonb, limit_key text,
  at_once integer, replaces boolean)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  all_parameters jsonb := '{}';
  p record;
BEGIN
  PERFORM :schema.check_text('job name', name, 200);
  IF arguments IS NULL OR jsonb_typeof(arguments) <> 'array' THEN
    PERFORM :schema.refuse('arguments', arguments::text, 'they must be a JSON array');
  END IF;
  IF queue IS NULL OR queue !~ '^[a-z0-9_-]{1,200}$' THEN
    PERFORM :schema.refuse('queue', queue,
                           'a queue name is 1 to 200 of the characters a-z, 0-9, _ and -');
  END IF;
  IF priority IS NULL OR priority NOT BETWEEN -100 AND 100 THEN
    PERFORM :schema.refuse('priority', priority::text, 'it must be from -100 to 100');
  END IF;
  IF attempts NOT BETWEEN 0 AND 1000000 THEN
    PERFORM :schema.refuse('attempts', attempts::text, 'it must be from 0 to 1000000');
  END IF;
  IF unique_key IS NOT NULL THEN
    PERFORM :schema.check_text('unique key', unique_key, 200);
  ELSIF replaces THEN
    PERFORM :schema.refuse('replaces', 'true', 'who is replaced is found by a unique_key');
  END IF;
  IF limit_key IS NOT NULL THEN
    PERFORM :schema.check_text('limit key', limit_key, 200);
  END IF;
  IF at_once IS NULL OR at_once < 1 THEN
    PERFORM :schema.refuse('at_once', at_once::text, 'it must be at least 1');
  END IF;
  IF parameters IS NOT NULL AND jsonb_typeof(parameters) <> 'object' THEN
    PERFORM :schema.refuse('parameters', parameters::text, 'they must be a JSON object');
  END IF;
  FOR p IN SELECT * FROM jsonb_each(coalesce(parameters, '{}')) LOOP
    PERFORM :schema.check_text('parameter name', p.key, 200);
    IF p.key LIKE 'portfire.%' THEN
      PERFORM :schema.refuse('parameter name', p.key,
                             'names that begin with "portfire." are reserved');
    END IF;
    all_parameters := all_parameters || jsonb_build_object(p.key, p.value::text);
  END LOOP;
  IF attempts IS NOT NULL THEN
    all_parameters := all_parameters || jsonb_build_object('portfire.attempts', attempts::text);
  END IF;
  RETURN jsonb_strip_nulls(jsonb_build_object('name', name, 'arguments', arguments::text,
    'queue', queue, 'priority', priority, 'parameters', nullif(all_parameters, '{}'),
    'unique', CASE WHEN unique_key IS NOT NULL THEN
      jsonb_build_object('key', unique_key, 'on_duplicate', CASE WHEN replaces THEN 2 ELSE 1 END,
                         'held_while', 15) END,
    'limit', CASE WHEN limit_key IS NOT NULL THEN
      jsonb_build_object('key', limit_key, 'at_once', at_once, 'counts_while', 9) END));
END $$;

-- Creates one job in the transaction of the caller, or replaces another one. The id: of the job, or
-- of the one that holds its unique key.
CREATE OR REPLACE FUNCTION :schema.submit(description jsonb, a_state jsonb)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  an_id uuid := :schema.new_id();
  now timestamptz := clock_timestamp();
  given :schema.answer;
BEGIN
  PERFORM set_config('portfire.tell_everybody', 'on', true);
  description := description || jsonb_build_object('id', an_id, 'state', a_state);
  PERFORM :schema.lock_limits_of_units(
    jsonb_build_array(jsonb_build_object('jobs', jsonb_build_array(description))));
  given := :schema.create_job(description, now);
  IF given.rejection = 2 THEN
    PERFORM :schema.refuse('parent', given.holder::text, 'there is no such job');
  ELSIF given.rejection = 1 THEN
    PERFORM :schema.refuse('unique key', description->'unique'->>'key', 'job ' || given.holder ||
      ' has it, and is not replaced: it runs, has ended, or has another name');
  END IF;
  PERFORM :schema.settle_limits(now);
  RETURN coalesce((given.existing->>1)::uuid, an_id);
END $$;

-- Runs as soon as a worker is free. Returns the id of the job. With a unique key that another job
-- holds, returns that job's id and creates nothing; with `replaces` that job, unless it runs,
-- becomes what this one would have been. Of the jobs with one limit key no more than `at_once` are
-- ready or running at a time; the others stand in line.
CREATE OR REPLACE FUNCTION :schema.enqueue(name text, arguments jsonb DEFAULT '[]',
  queue text DEFAULT 'default', priority integer DEFAULT 0, attempts integer DEFAULT NULL,
  unique_key text DEFAULT NULL, parameters jsonb DEFAULT NULL, limit_key text DEFAULT NULL,
  at_once integer DEFAULT 1, replaces boolean DEFAULT false)
RETURNS uuid LANGUAGE sql AS $$
  SELECT :schema.submit(
    :schema.described(name, arguments, queue, priority, attempts, unique_key, parameters,
                      limit_key, at_once, replaces),
    '{"name":"Enqueued"}');
$$;

CREATE OR REPLACE FUNCTION :schema.check_due(due timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF due IS NULL OR NOT isfinite(due) THEN
    PERFORM :schema.refuse('due', due::text, 'it must be an instant');
  END IF;
END $$;

-- Runs at an instant …
CREATE OR REPLACE FUNCTION :schema.schedule(due timestamptz, name text,
  arguments jsonb DEFAULT '[]', queue text DEFAULT 'default', priority integer DEFAULT 0,
  attempts integer DEFAULT NULL, unique_key text DEFAULT NULL, parameters jsonb DEFAULT NULL,
  limit_key text DEFAULT NULL, at_once integer DEFAULT 1, replaces boolean DEFAULT false)
RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
  PERFORM :schema.check_due(due);
  RETURN :schema.submit(
    :schema.described(name, arguments, queue, priority, attempts, unique_key, parameters,
                      limit_key, at_once, replaces),
    jsonb_build_object('name', 'Scheduled', 'kind', 1, 'due_at', :schema.to_unix(due)));
END $$;

-- … or after a delay.
CREATE OR REPLACE FUNCTION :schema.schedule(delay interval, name text,
  arguments jsonb DEFAULT '[]', queue text DEFAULT 'default', priority integer DEFAULT 0,
  attempts integer DEFAULT NULL, unique_key text DEFAULT NULL, parameters jsonb DEFAULT NULL,
  limit_key text DEFAULT NULL, at_once integer DEFAULT 1, replaces boolean DEFAULT false)
RETURNS uuid LANGUAGE sql AS $$
  SELECT :schema.schedule(clock_timestamp() + delay, name, arguments, queue, priority, attempts,
                          unique_key, parameters, limit_key, at_once, replaces);
$$;

-- Runs after another job: when it has `succeeded`, was `deleted`, has `failed` for good, or is
-- `finished` in any way. Is deleted when that can no longer be.
CREATE OR REPLACE FUNCTION :schema.continue_with(parent uuid, name text,
  arguments jsonb DEFAULT '[]', condition text DEFAULT 'succeeded', queue text DEFAULT 'default',
  priority integer DEFAULT 0, attempts integer DEFAULT NULL, unique_key text DEFAULT NULL,
  parameters jsonb DEFAULT NULL, limit_key text DEFAULT NULL, at_once integer DEFAULT 1)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  description jsonb;
  which integer := array_position('{succeeded,deleted,failed,finished}', condition) - 1;
BEGIN
  IF which IS NULL THEN
    PERFORM :schema.refuse('condition', condition,
                           'it is succeeded, deleted, failed or finished');
  ELSIF parent IS NULL THEN
    PERFORM :schema.refuse('parent', NULL, 'it must be the id of a job');
  END IF;
  description := :schema.described(name, arguments, queue, priority, attempts, unique_key,
                                   parameters, limit_key, at_once, false);
  RETURN :schema.submit(description ||
    jsonb_build_object(
      'parents', jsonb_build_array(jsonb_build_object('job', parent, 'on', which)),
      'parameters', coalesce(description->'parameters', '{}') || jsonb_build_object(
        'portfire.parents', jsonb_build_array(parent)::text),
      'when_met', '{"name":"Enqueued"}'::jsonb,
      'when_unmet', '{"name":"Deleted","kind":5,"ending":2,"retention":86400000000}'::jsonb),
    '{"name":"Awaiting","kind":2}');
END $$;

-- Changes the state of a job by hand. False: there is no such job, or it is not in the expected
-- state (NULL: any).
CREATE OR REPLACE FUNCTION :schema.change_by_hand(job uuid, a_state jsonb, expected_state text,
  change jsonb)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  now timestamptz := clock_timestamp();
  given :schema.answer;
BEGIN
  PERFORM set_config('portfire.tell_everybody', 'on', true);
  PERFORM :schema.lock_limits(:schema.limits_of_jobs(ARRAY[job]));
  given := :schema.apply_transition(
    jsonb_strip_nulls(jsonb_build_object('job', job, 'state', a_state,
                                         'expected_state', expected_state)) || change, now);
  PERFORM :schema.settle_batches(now);
  PERFORM :schema.settle_limits(now);
  RETURN given.status = 0;
END $$;

-- Deletes a job. A running execution is told to stop; continuations are let go.
CREATE OR REPLACE FUNCTION :schema.delete(job uuid, expected_state text DEFAULT NULL,
  reason text DEFAULT NULL)
RETURNS boolean LANGUAGE sql AS $$
  SELECT :schema.change_by_hand(job, jsonb_strip_nulls(jsonb_build_object('name', 'Deleted',
    'kind', 5, 'ending', 2, 'reason', left(reason, 1000), 'retention', 86400000000)),
    expected_state, '{}');
$$;

-- Sends a job to the tail of its queue, from any state, with a new count of attempts.
CREATE OR REPLACE FUNCTION :schema.requeue(job uuid, expected_state text DEFAULT NULL,
  reason text DEFAULT NULL)
RETURNS boolean LANGUAGE sql AS $$
  SELECT :schema.change_by_hand(job, jsonb_strip_nulls(jsonb_build_object('name', 'Enqueued',
    'reason', left(reason, 1000))), expected_state, '{"attempt":0}');
$$;

-- Puts a job off, from any state; as `requeue` otherwise.
CREATE OR REPLACE FUNCTION :schema.reschedule(job uuid, due timestamptz,
  expected_state text DEFAULT NULL, reason text DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM :schema.check_due(due);
  RETURN :schema.change_by_hand(job, jsonb_strip_nulls(jsonb_build_object('name', 'Scheduled',
    'kind', 1, 'due_at', :schema.to_unix(due), 'reason', left(reason, 1000))), expected_state,
    '{"attempt":0}');
END $$;
