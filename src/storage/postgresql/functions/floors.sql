-- Floors: where claims begin in a lane whose first index entries are dead ones.
--
-- What was taken before stands at the beginning of the lane for as long as any transaction in the
-- database is older, and a look from there has to walk past all of it. So there is a place up to
-- which nothing is left. It is known to be one when those have ended that might still have put a
-- job before it.

-- The transactions that have drawn a position, or put a job back, and have not ended: they hold a
-- lock on the sequence, which they had before they drew, or on the table.
CREATE OR REPLACE FUNCTION :schema.placing()
RETURNS text[] LANGUAGE sql AS $$
  SELECT coalesce(
    array_agg(DISTINCT CASE WHEN pid IS NULL THEN 'prepared' ELSE virtualtransaction END), '{}')
  FROM pg_locks
  WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND relation IN (':schema.position'::regclass, ':schema.ready'::regclass)
    AND pid IS DISTINCT FROM pg_backend_pid();
$$;

-- What lies above the floor, in the order of claims: one range for each priority.
CREATE OR REPLACE FUNCTION :schema.ranges_above(f :schema.lane_floor)
RETURNS TABLE (lowest bigint, above bigint) LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(f.places) = 0 THEN
    RETURN QUERY SELECT f.position - p * 1099511627776, (1 - p) * 1099511627776
                 FROM generate_series(100, -100, -1) p;
    RETURN;
  END IF;
  RETURN QUERY
    SELECT coalesce((SELECT place FROM unnest(f.places) place WHERE :schema.priority_of(place) = p),
                    f.position - p * 1099511627776), (1 - p) * 1099511627776
    FROM generate_series(100, -100, -1) p;
END $$;

-- The first ready jobs above the floor, and those given back below it. One of these may be found
-- twice.
CREATE OR REPLACE FUNCTION :schema.take_above(f :schema.lane_floor, max integer, now timestamptz,
  OUT jobs uuid[], OUT epochs bigint[], OUT last_place bigint)
LANGUAGE plpgsql AS $$
BEGIN
  SELECT t.* INTO jobs, epochs, last_place FROM :schema.take_rows(ARRAY(
    SELECT row FROM (
      SELECT DISTINCT ON (place) place, row FROM (
        (SELECT first.place, first.row FROM :schema.ranges_above(f) r, LATERAL (
           SELECT place, ctid AS row FROM :schema.ready
           WHERE lane = f.lane AND place >= r.lowest AND place < r.above
           ORDER BY place LIMIT max FOR UPDATE SKIP LOCKED) first
         LIMIT max)
        UNION ALL
        (SELECT one.place, one.row FROM :schema.returned, LATERAL (
           SELECT place, ctid AS row FROM :schema.ready
           WHERE lane = f.lane AND place = returned.place FOR UPDATE SKIP LOCKED) one
         WHERE lane = f.lane ORDER BY returned.place LIMIT max)) found
      ORDER BY place LIMIT max) first_found), now) t;

  IF EXISTS (SELECT FROM :schema.returned WHERE lane = f.lane) THEN
    DELETE FROM :schema.returned WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM :schema.returned r WHERE lane = f.lane
        AND NOT EXISTS (SELECT FROM :schema.ready WHERE lane = f.lane AND place = r.place)
      FOR UPDATE SKIP LOCKED));
  END IF;
END $$;

-- `a_position`: all that have drawn this one or an older one have ended. What others have locked
-- counts as ready here, for they may let go of it.
CREATE OR REPLACE FUNCTION :schema.raise_floor(f :schema.lane_floor, a_position bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  f.position := greatest(f.position, a_position + 1);
  f.places := ARRAY(
    SELECT first.place FROM :schema.ranges_above(
      (SELECT l FROM :schema.lane_floor l WHERE lane = f.lane AND since = f.since)) r, LATERAL (
      SELECT place FROM :schema.ready
      WHERE lane = f.lane AND place >= r.lowest AND place < r.above ORDER BY place LIMIT 1) first
    WHERE first.place < r.above - 1099511627776 + f.position);
  UPDATE :schema.lane_floor SET position = f.position, places = f.places
  WHERE since = f.since AND lane = (
    SELECT lane FROM :schema.lane_floor WHERE lane = f.lane FOR UPDATE SKIP LOCKED);
END $$;

-- Raises the floor when it may be raised. For that this connection remembers a position, and who
-- was there then: `since` of the floor, position, transactions. Says whether it was raised.
CREATE OR REPLACE FUNCTION :schema.tend_floor(f :schema.lane_floor, memory_name text,
  is_wanted boolean)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  this_floor text := extract(epoch FROM f.since)::text;
  memory text[] := string_to_array(nullif(current_setting(memory_name, true), ''), ',');
  others text[];
BEGIN
  IF memory[1] IS DISTINCT FROM this_floor THEN
    IF NOT is_wanted THEN
      RETURN false;
    END IF;
    memory := ARRAY[this_floor, coalesce(pg_sequence_last_value(':schema.position'), 0)::text];
    others := :schema.placing();
    memory := memory || others;
  ELSE
    others := :schema.placing();
  END IF;
  IF others && (memory[3:] || 'prepared'::text) THEN
    PERFORM set_config(memory_name, array_to_string(memory, ','), false);
    RETURN false;
  END IF;
  PERFORM :schema.raise_floor(f, memory[2]::bigint);
  PERFORM set_config(memory_name, '', false);
  RETURN true;
END $$;

-- A job that goes to an old place of its lane is noted where there is a floor. It stands in `ready`
-- before this looks, so that a floor which is not seen here is raised only after this transaction.
CREATE OR REPLACE FUNCTION :schema.note_returned(a_lane integer, a_place bigint)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO :schema.returned (lane, place)
  SELECT a_lane, a_place WHERE EXISTS (SELECT FROM :schema.lane_floor WHERE lane = a_lane);
$$;

-- Lanes begin at the beginning again when the dead have gone.
CREATE OR REPLACE FUNCTION :schema.forget_floors(now timestamptz)
RETURNS void LANGUAGE sql AS $$
  DELETE FROM :schema.lane_floor WHERE now NOT BETWEEN since AND since + interval '1 minute'
    AND pg_stat_get_dead_tuples(':schema.ready'::regclass) < 10000;
  DELETE FROM :schema.returned
  WHERE NOT EXISTS (SELECT FROM :schema.lane_floor f WHERE f.lane = returned.lane);
$$;
