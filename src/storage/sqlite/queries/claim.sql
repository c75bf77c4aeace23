-- Claiming and finishing: the statements that every job passes through.

-- name: ready_jobs
-- The index gives order and range; sorting and other indexes are out of the question.
SELECT key, place, marks, state, id, epoch, name, arguments, attempt, created_at,
       coalesce(ready_at, created_at), batch
FROM job INDEXED BY job_ready
WHERE kind = 2 AND lane = ?1 ORDER BY place LIMIT ?2

-- name: claim_lane
-- What `ready_jobs` has just read, by its last place: one walk along the index instead of one
-- search a job. `since` becomes the instant of the claim.
UPDATE job INDEXED BY job_ready
SET kind = 4, state = 4, epoch = epoch + 1, since = ?3, server = ?4
WHERE kind = 2 AND lane = ?1 AND place <= ?2

-- name: claim_lane_by_key
-- The same jobs where their keys lie close together: a walk along the table needs no list of what
-- to change, because it does not change what it walks along. A third less work.
UPDATE job NOT INDEXED
SET kind = 4, state = 4, epoch = epoch + 1, since = ?3, server = ?4
WHERE key BETWEEN ?5 AND ?6 AND kind = 2 AND lane = ?1 AND place <= ?2

-- name: finish_plain
-- One job. The fence (epoch) and the assumption: none of the marks that ask for more than this,
-- which are all but `marks::harmless`.
UPDATE job SET kind = ?3, state = ?4, claimed_at = since, since = ?5, until = ?6, start_delay = ?7,
               duration = ?8, result = ?9
WHERE key = ?1 AND epoch = ?2 AND kind = 4 AND (marks & 28131) = 0

-- name: finish_plain_range
-- Many jobs whose keys lie close together, in one walk along the table: half the work of a
-- statement a job. What differs between them comes from the functions of plain_ends.cpp; a job that
-- is not to end has no epoch there.
UPDATE job NOT INDEXED
SET kind = ?3, state = ?4, claimed_at = since, since = ?5, until = ?6,
    start_delay = ending_start_delay(key), duration = ending_duration(key),
    result = ending_result(key)
WHERE key BETWEEN ?1 AND ?2 AND kind = 4 AND epoch = ending_epoch(key) AND (marks & 28131) = 0

-- name: add_claim
INSERT INTO claim (server, token, at, jobs) VALUES (?1, ?2, ?3, ?4)

-- name: remove_claim
DELETE FROM claim WHERE server = ?1 AND token = ?2

-- name: claim_jobs
SELECT jobs FROM claim WHERE server = ?1 AND token = ?2

-- name: claims_of_server
SELECT at, jobs FROM claim WHERE server = ?1 ORDER BY token

-- name: claims_by_time
SELECT server, at, jobs FROM claim ORDER BY at, server, token

-- name: remove_claims_of
DELETE FROM claim WHERE server = ?1

-- name: clear_stopping_on
DELETE FROM stopping WHERE server = ?1

-- name: due_jobs
SELECT key, id, kind, state, lane, place, epoch, marks, server, since, until, claimed_at, name,
       created_at, ready_at, attempt, start_delay, duration
FROM job INDEXED BY job_due
WHERE kind = 3 AND until <= ?1 ORDER BY until, key LIMIT ?2

-- name: next_due
SELECT min(until) FROM job INDEXED BY job_due WHERE kind = 3

-- name: first_expiry
SELECT expires_at, number, jobs FROM expiry WHERE expires_at <= ?1
ORDER BY expires_at, number LIMIT 1

-- name: remove_expiry
DELETE FROM expiry WHERE expires_at = ?1 AND number = ?2

-- name: count_old_tombstones
SELECT coalesce(sum(is_job), 0) FROM
  (SELECT is_job, at FROM remembered ORDER BY number LIMIT ?2) WHERE at < ?1

-- name: forget_remembered
-- Numbers grow with time: the oldest are first, and no index by time is needed.
DELETE FROM remembered WHERE number IN
  (SELECT number FROM (SELECT number, at FROM remembered ORDER BY number LIMIT ?2) WHERE at < ?1)

-- name: forget_hours
DELETE FROM tally WHERE what = 3 AND first < ?1

-- name: forget_windows
DELETE FROM unique_key WHERE key IN
  (SELECT key FROM unique_key INDEXED BY unique_key_window
   WHERE window_until IS NOT NULL AND window_until < ?1 LIMIT ?2)
