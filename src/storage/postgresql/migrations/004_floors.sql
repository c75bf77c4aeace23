-- Where to begin with a lane whose first index entries are dead ones that cannot be removed yet,
-- because some transaction in the database is older. A lane has a row only while that is so.
--
-- No job of the lane that lies below its floor is ready, nor will be, but those in `returned`.
CREATE TABLE :schema.lane_floor (
  lane     integer     PRIMARY KEY,
  since    timestamptz NOT NULL,   -- tells this row from one that was there before
  position bigint      NOT NULL,   -- the first that may be ready, in all priorities …
  places   bigint[]    NOT NULL    -- … but those of which the first ready place is here
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Jobs given back to their old places while their lane had a floor.
CREATE TABLE :schema.returned (
  lane  integer NOT NULL,
  place bigint  NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX returned_order ON :schema.returned (lane, place);
