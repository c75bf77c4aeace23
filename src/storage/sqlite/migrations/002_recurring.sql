-- Templates of recurring jobs. They are few and change seldom: nothing is packed here.
CREATE TABLE recurring (
  id         TEXT PRIMARY KEY,
  version    INTEGER NOT NULL,
  job_name   TEXT NOT NULL,
  due_at     INTEGER,             -- nothing: never by itself
  definition TEXT NOT NULL,
  progress   TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX recurring_due ON recurring (job_name, due_at, id) WHERE due_at IS NOT NULL;
