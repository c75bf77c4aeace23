-- A batch is a row in `job`, and here are the numbers of its members. The row stays while it has
-- members, though its job may be gone.
CREATE TABLE batch (
  key         INTEGER PRIMARY KEY,  -- of its job
  id          BLOB NOT NULL UNIQUE, -- the same, as everybody knows it
  total       INTEGER NOT NULL,
  outstanding INTEGER NOT NULL,
  succeeded   INTEGER NOT NULL,
  -- Of a deleted one: members up to this key have been seen to; -1: all. Nothing: not deleted yet.
  swept_up_to INTEGER,
  retention   INTEGER               -- of members that it takes with it
);
CREATE INDEX batch_sweep ON batch (key) WHERE swept_up_to >= 0;

ALTER TABLE job ADD COLUMN batch INTEGER;  -- nothing: no member
CREATE INDEX job_batch ON job (batch, key) WHERE batch IS NOT NULL;
