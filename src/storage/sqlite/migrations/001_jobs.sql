-- Jobs are updated in place: measured against separate tables of ready and of finished jobs, one
-- narrow row that stays where it is won by 1.6 to 1.7. Everything else follows from keeping that
-- row, and the number of index entries that a job passes through (ready → gone → finished), as
-- small as possible.
--
-- Instants are microseconds of Unix time. Names, states, lanes and servers are small integers, the
-- text of each stands once in a table of its own, and rows of those are never changed or removed:
-- so every process may keep them in memory.

-- Texts that repeat: queues, names of jobs and of states.
CREATE TABLE name (
  number INTEGER PRIMARY KEY,
  text   TEXT NOT NULL UNIQUE
);

-- A state together with what a storage makes of it. Numbers begin at 2 because SQLite stores 0 and
-- 1 without a body: a row that only changes between larger ones keeps its size and is overwritten
-- in place.
CREATE TABLE state (
  number INTEGER PRIMARY KEY,
  name   INTEGER NOT NULL,
  kind   INTEGER NOT NULL,   -- as in job.kind
  ending INTEGER NOT NULL,   -- 0 none, 1 succeeded, 2 deleted, 3 failed, 4 other
  UNIQUE (name, kind, ending)
);

-- Where jobs wait, and whose they were afterwards: a queue; in it, the jobs that wait for a handler
-- of their name; and apart from both the suspects, of which a claim takes at most one.
CREATE TABLE lane (
  number  INTEGER PRIMARY KEY,
  queue   INTEGER NOT NULL,
  handler INTEGER NOT NULL,  -- name of the job, or 0
  suspect INTEGER NOT NULL,
  UNIQUE (queue, handler, suspect)
);

-- A row that does not grow is overwritten in place and splits no page. So what the end of a run
-- fills (until, claimed_at, start_delay, duration) holds something meaningless of the same width
-- before.
CREATE TABLE job (
  key        INTEGER PRIMARY KEY,  -- position of its creation; what edges, history … refer to
  id         BLOB    NOT NULL,     -- 16 bytes
  kind       INTEGER NOT NULL,     -- 2 ready, 3 timed, 4 running, 5 waiting, 6 parked, 7 final
  state      INTEGER NOT NULL,
  lane       INTEGER NOT NULL,
  place      INTEGER NOT NULL,     -- position − priority · 2^40: the order of claims
  epoch      INTEGER NOT NULL,
  marks      INTEGER NOT NULL,     -- bits, see job_row.hpp; 0 for a job whose life has been plain
  server     INTEGER NOT NULL,     -- of the present or last run, or -1
  since      INTEGER NOT NULL,     -- when the present state was entered; of running jobs: the claim
  until      INTEGER,              -- of timed, parked and final jobs: falls due, or expires, at
  claimed_at INTEGER,              -- of the last run that is over, if there was one
  name       INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  ready_at   INTEGER,              -- when it last became ready; nothing: when it was created
  attempt    INTEGER NOT NULL,
  start_delay INTEGER,             -- of the present or last run; negative: not known
  duration   INTEGER,              -- of the last run; negative: there was none
  result     TEXT,
  arguments  TEXT                  -- nothing: too large for a row that is rewritten, see `payload`
);
CREATE UNIQUE INDEX job_id ON job (id);
CREATE INDEX job_ready  ON job (lane, place)  WHERE kind = 2;
CREATE INDEX job_due    ON job (until)        WHERE kind = 3;
CREATE INDEX job_listed ON job (state, since) WHERE kind >= 5;

-- Arguments that are too large to be copied at each step of a job.
CREATE TABLE payload (
  job       INTEGER PRIMARY KEY,
  arguments TEXT NOT NULL
);

-- What few jobs have, and what only their last steps need.
CREATE TABLE extra (
  job        INTEGER PRIMARY KEY,
  reason     TEXT NOT NULL DEFAULT '',  -- of the present state
  data       TEXT NOT NULL DEFAULT '',  -- of the present state
  crashes    INTEGER NOT NULL DEFAULT 0,
  progress   REAL,
  unique_key TEXT NOT NULL DEFAULT ''
);

CREATE TABLE parameter (
  job   INTEGER NOT NULL,
  name  TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (job, name)
) WITHOUT ROWID;

-- Steps that the columns of `job` do not tell. Created, claimed, finished needs no row here.
CREATE TABLE history (
  job     INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  state   INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  elected_away INTEGER NOT NULL,
  server  INTEGER NOT NULL,       -- of a running state, or -1
  reason  TEXT NOT NULL,
  data    TEXT NOT NULL,
  PRIMARY KEY (job, number)
) WITHOUT ROWID;

CREATE TABLE log (
  job    INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  level  INTEGER NOT NULL,
  text   TEXT NOT NULL,
  PRIMARY KEY (job, number)
) WITHOUT ROWID;

-- Who waits for whom. An edge goes when its condition is met.
CREATE TABLE edge (
  parent    INTEGER NOT NULL,
  child     INTEGER NOT NULL,
  number    INTEGER NOT NULL,    -- which of the child's parents
  condition INTEGER NOT NULL,
  PRIMARY KEY (parent, child, number)
) WITHOUT ROWID;
CREATE INDEX edge_child ON edge (child, number);

-- States that a job will take by itself: 1 when its conditions are met, 2 when they no longer can
-- be, 3 when it falls due; see `Role` for the others.
CREATE TABLE candidate (
  job       INTEGER NOT NULL,
  role      INTEGER NOT NULL,
  name      TEXT NOT NULL,
  kind      INTEGER NOT NULL,
  ending    INTEGER NOT NULL,
  reason    TEXT NOT NULL,
  data      TEXT NOT NULL,
  due_in    INTEGER NOT NULL,
  due_at    INTEGER,
  retention INTEGER,
  PRIMARY KEY (job, role)
) WITHOUT ROWID;

CREATE TABLE unique_key (
  key          TEXT PRIMARY KEY,
  holder       BLOB NOT NULL,     -- the id, which outlives the job where there is a window
  held_while   INTEGER NOT NULL,  -- bits of kinds
  window_until INTEGER
) WITHOUT ROWID;
CREATE INDEX unique_key_window ON unique_key (window_until) WHERE window_until IS NOT NULL;

-- Units (and jobs already removed) that may be sent again.
CREATE TABLE remembered (
  number   INTEGER PRIMARY KEY,
  id       BLOB NOT NULL UNIQUE,
  at       INTEGER NOT NULL,
  is_job   INTEGER NOT NULL,
  existing BLOB NOT NULL         -- pairs of ids: creations left out, and who held their key
);

-- What expires when, one row per instant and commit in place of an index entry per job. A job that
-- has moved on since is recognised by its own `until`.
CREATE TABLE expiry (
  expires_at INTEGER NOT NULL,
  number     INTEGER NOT NULL,
  jobs       BLOB NOT NULL,       -- packed keys
  PRIMARY KEY (expires_at, number)
) WITHOUT ROWID;

-- Servers. Rows stay when a server goes, because the history of jobs refers to them.
CREATE TABLE server (
  number       INTEGER PRIMARY KEY,
  id           BLOB NOT NULL UNIQUE,
  present      INTEGER NOT NULL,
  beat         INTEGER NOT NULL,
  last_token   INTEGER NOT NULL,
  lease        INTEGER NOT NULL,
  started_at   INTEGER NOT NULL,
  heartbeat_at INTEGER NOT NULL,
  workers      INTEGER NOT NULL,
  name         TEXT NOT NULL,
  host         TEXT NOT NULL,
  lock         TEXT NOT NULL,
  queues       TEXT NOT NULL,     -- JSON array
  job_names    TEXT NOT NULL      -- JSON array
);
CREATE INDEX server_present ON server (started_at) WHERE present = 1;

-- What servers hold, one row per claim in place of an index entry per job; it goes with its last
-- job. A job that is not held any more is recognised by its own epoch.
CREATE TABLE claim (
  server INTEGER NOT NULL,
  token  INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  jobs   BLOB NOT NULL,           -- packed keys and epochs
  PRIMARY KEY (server, token)
) WITHOUT ROWID;

-- Whose handler may still be running a job that was taken away.
CREATE TABLE stopping (
  job    INTEGER PRIMARY KEY,
  epoch  INTEGER NOT NULL,
  server INTEGER NOT NULL
);
CREATE INDEX stopping_server ON stopping (server);

-- All numbers, so that those which every commit changes share a page:
-- 0 the storage's own (0: last position given, 1: removed jobs in `remembered`), 1 jobs by lane and
-- state, 2 entries ever by name of state, 3 the same by hour, 4 jobs held by server.
CREATE TABLE tally (
  what   INTEGER NOT NULL,
  first  INTEGER NOT NULL,
  second INTEGER NOT NULL,
  count  INTEGER NOT NULL,
  PRIMARY KEY (what, first, second)
) WITHOUT ROWID;

CREATE TABLE queue (
  name         TEXT PRIMARY KEY,
  paused       INTEGER NOT NULL,
  paused_by    TEXT NOT NULL,
  pause_reason TEXT NOT NULL,
  version      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE lock (
  name  TEXT PRIMARY KEY,
  owner TEXT NOT NULL,            -- empty: given back; the row keeps the fence
  fence INTEGER NOT NULL,
  until INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO tally (what, first, second, count) VALUES (0, 0, 0, 1), (0, 1, 0, 0);
INSERT INTO name (number, text) VALUES
  (2, 'Enqueued'), (3, 'Scheduled'), (4, 'Processing'), (5, 'Awaiting'), (6, 'Failed'),
  (7, 'Succeeded'), (8, 'Deleted'), (9, 'Created'), (10, 'default');
INSERT INTO state (number, name, kind, ending) VALUES
  (2, 2, 2, 0), (3, 3, 3, 0), (4, 4, 4, 0), (5, 5, 5, 0), (6, 6, 6, 3), (7, 7, 7, 1), (8, 8, 7, 2);
INSERT INTO lane (number, queue, handler, suspect) VALUES (2, 10, 0, 0);
