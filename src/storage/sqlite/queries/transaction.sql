-- The frame of every change, and what is read at its beginning.

-- name: begin
-- IMMEDIATE, because a transaction that begins by reading may find that it can no longer write.
BEGIN IMMEDIATE

-- name: commit
COMMIT

-- name: begin_reading
BEGIN

-- name: savepoint
SAVEPOINT unit

-- name: undo_savepoint
ROLLBACK TO unit

-- name: release_savepoint
RELEASE unit

-- name: data_version
PRAGMA data_version

-- name: names_after
SELECT number, text FROM name WHERE number > ?1 ORDER BY number

-- name: states_after
SELECT number, name, kind, ending FROM state WHERE number > ?1 ORDER BY number

-- name: lanes_after
SELECT number, queue, handler, suspect FROM lane WHERE number > ?1 ORDER BY number

-- name: add_name
INSERT INTO name (number, text) VALUES (?1, ?2)

-- name: add_state
INSERT INTO state (number, name, kind, ending) VALUES (?1, ?2, ?3, ?4)

-- name: add_lane
INSERT INTO lane (number, queue, handler, suspect) VALUES (?1, ?2, ?3, ?4)

-- name: read_tally
SELECT count FROM tally WHERE what = ?1 AND first = ?2 AND second = ?3

-- name: add_to_tally
INSERT INTO tally (what, first, second, count) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT DO UPDATE SET count = count + excluded.count

-- name: add_expiry
INSERT INTO expiry (expires_at, number, jobs) VALUES (?1, ?2, ?3)

-- name: remember
INSERT OR IGNORE INTO remembered (id, at, is_job, existing) VALUES (?1, ?2, 0, ?3)

-- name: remember_job
INSERT OR IGNORE INTO remembered (id, at, is_job, existing) VALUES (?1, ?2, 1, x'')

-- name: remembered
SELECT existing FROM remembered WHERE id = ?1
