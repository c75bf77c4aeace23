-- A later call that takes the place of an earlier one.

-- The holder of its unique key becomes what the new job would have been, or is said to stand in the
-- way. No answer: the key has become free meanwhile, and the new job has it.
CREATE OR REPLACE FUNCTION :schema.replace_holder(n jsonb, a_holder uuid, now timestamptz)
RETURNS :schema.answer LANGUAGE plpgsql AS $$
DECLARE
  an_id uuid := (n->>'id')::uuid;
  located record;
  j :schema.job;
  is_held boolean := false;
  left_lane integer;
  left_state smallint;
BEGIN
  PERFORM :schema.lock_limits(:schema.limits_of_jobs(ARRAY[a_holder]));
  SELECT * INTO located FROM :schema.lock_job(a_holder, true);
  j := located.j;
  LOOP
    -- Again: it may have moved on before its row was locked, and may be claimed all the same.
    IF :schema.take_key(n->'unique', an_id, now) IS NULL THEN
      RETURN NULL;
    END IF;
    IF is_held OR located.place_of_row <> 1 OR j.name <> n->>'name' OR j.marks & 2 <> 0
       OR j.kind NOT IN (0, 1, 2) THEN
      RETURN ROW(4, 0, 1, an_id, a_holder, NULL):::schema.answer;
    END IF;
    EXIT WHEN j.kind <> 0;
    DELETE FROM :schema.ready WHERE lane = j.lane AND place = j.place;
    EXIT WHEN FOUND;
    is_held := true;
  END LOOP;
  left_lane := j.lane;
  left_state := j.state;
  j := :schema.leave(j, NULL);
  j.lane := :schema.lane_number(coalesce(n->>'queue', 'default'), '', j.marks & 32 <> 0);
  j.place := :schema.place_of(coalesce((n->>'priority')::integer, 0),
               j.place + :schema.priority_of(j.place)::bigint * 1099511627776);
  j.attempt := 0;
  j.parameters := n->'parameters';
  j.arguments := coalesce(n->>'arguments', '[]');
  UPDATE :schema.job SET arguments = j.arguments WHERE id = j.id;
  PERFORM :schema.enter_and_store(j, 1, left_lane, left_state,
    '{"reason":"A later call took its place"}' || (n->'state'), n->'elected_away', 0, now);
  RETURN ROW(0, 0, 0, NULL, NULL, jsonb_build_array(an_id, a_holder)):::schema.answer;
END $$;
