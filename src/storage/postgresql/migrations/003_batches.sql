-- Batches: what their members have come to, and how they go on. A row stays as long as its job, or
-- until all members of a deleted batch have been seen to.
CREATE TABLE :schema.batch (
  position      bigint PRIMARY KEY,    -- of its job: those of inner batches are higher
  id            uuid   NOT NULL UNIQUE,
  total         bigint NOT NULL DEFAULT 0,
  outstanding   bigint NOT NULL DEFAULT 0,
  succeeded     bigint NOT NULL DEFAULT 0,
  opened        jsonb  NOT NULL,       -- states: where it begins, and returns to;
  all_succeeded jsonb  NOT NULL,       -- what it takes when all members have ended: well …
  all_ended     jsonb  NOT NULL,       -- … or otherwise
  swept_up_to   bigint,                -- of a deleted one: the last member seen to; at the end
                                       -- 9223372036854775807
  retention     bigint                 -- of members that are swept; microseconds
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX batch_sweep ON :schema.batch (position) WHERE swept_up_to < 9223372036854775807;

-- That the job is a member of. `marks` have two bits more: 2 is a batch, 128 a finished member that
-- has not ended as a batch sees it.
ALTER TABLE :schema.job ADD COLUMN batch uuid;
ALTER TABLE :schema.finished ADD COLUMN batch uuid;
CREATE INDEX job_batch ON :schema.job (batch, position) WHERE batch IS NOT NULL;
CREATE INDEX finished_batch ON :schema.finished (batch, position) WHERE batch IS NOT NULL;
CREATE INDEX finished_open ON :schema.finished (expires_at) WHERE marks & 128 <> 0;

ALTER TYPE :schema.execution ADD ATTRIBUTE batch uuid;

-- Replaced by one that goes on where somebody has a batch.
DROP FUNCTION IF EXISTS :schema.expire_parked(integer, timestamptz);
