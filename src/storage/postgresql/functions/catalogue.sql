-- Numbers for texts that repeat, instants and spans.

CREATE OR REPLACE FUNCTION :schema.state_number(a_name text, a_kind integer, an_ending integer)
RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
  found_number smallint;
BEGIN
  SELECT number INTO found_number FROM :schema.state
  WHERE name = a_name AND kind = a_kind AND ending = an_ending;
  IF found_number IS NULL THEN
    INSERT INTO :schema.state (name, kind, ending) VALUES (a_name, a_kind, an_ending)
    ON CONFLICT DO NOTHING;
    SELECT number INTO found_number FROM :schema.state
    WHERE name = a_name AND kind = a_kind AND ending = an_ending;
  END IF;
  RETURN found_number;
END $$;

CREATE OR REPLACE FUNCTION :schema.state_number(a_state jsonb)
RETURNS smallint LANGUAGE sql AS $$
  SELECT :schema.state_number(a_state->>'name', coalesce((a_state->>'kind')::integer, 0),
                              coalesce((a_state->>'ending')::integer, 0));
$$;

CREATE OR REPLACE FUNCTION :schema.lane_number(a_queue text, a_handler text, is_suspect boolean)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  found_number integer;
BEGIN
  SELECT number INTO found_number FROM :schema.lane
  WHERE queue = a_queue AND handler = a_handler AND suspect = is_suspect;
  IF found_number IS NULL THEN
    INSERT INTO :schema.lane (queue, handler, suspect) VALUES (a_queue, a_handler, is_suspect)
    ON CONFLICT DO NOTHING;
    SELECT number INTO found_number FROM :schema.lane
    WHERE queue = a_queue AND handler = a_handler AND suspect = is_suspect;
  END IF;
  RETURN found_number;
END $$;

-- These three are stable as the operators in them are, or they would not be expanded in place.

-- An instant plus microseconds; what lies beyond all calendars is `infinity`.
CREATE OR REPLACE FUNCTION :schema.later(an_instant timestamptz, microseconds bigint)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN microseconds >= 9000000000000000 THEN 'infinity'::timestamptz
              ELSE an_instant + microseconds * interval '1 microsecond' END;
$$;

CREATE OR REPLACE FUNCTION :schema.from_unix(microseconds bigint)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN microseconds >= 9000000000000000 THEN 'infinity'::timestamptz
              ELSE 'epoch'::timestamptz + microseconds * interval '1 microsecond' END;
$$;

CREATE OR REPLACE FUNCTION :schema.to_unix(an_instant timestamptz)
RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN an_instant = 'infinity' THEN 9223372036854775807
              ELSE (extract(epoch FROM an_instant) * 1000000)::bigint END;
$$;

-- The order of claims in one number: higher priority first, then the older position.
CREATE OR REPLACE FUNCTION :schema.place_of(a_priority integer, a_position bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT a_position - a_priority::bigint * 1099511627776;
$$;

CREATE OR REPLACE FUNCTION :schema.priority_of(a_place bigint)
RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT (-(a_place >> 40))::integer;
$$;
