-- Templates of recurring jobs. What is rewritten at each occurrence is found by `due_at`.
CREATE TABLE :schema.recurring (
  id         text COLLATE "C" PRIMARY KEY,
  version    bigint      NOT NULL,
  job_name   text        NOT NULL,
  due_at     timestamptz,              -- NULL: never by itself
  definition text        NOT NULL,
  progress   text        NOT NULL,
  created_at timestamptz NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
CREATE INDEX recurring_due ON :schema.recurring (job_name, due_at, id) WHERE due_at IS NOT NULL;
