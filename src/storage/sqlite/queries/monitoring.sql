-- What readers ask. Every list follows an index and is left where the work limit is reached.

-- name: tallies_of
SELECT first, second, count FROM tally WHERE what = ?1

-- name: hours
SELECT first, second, count FROM tally WHERE what = 3 AND first >= ?1 AND first < ?2

-- name: list_newest
SELECT key, id, kind, state, lane, place, epoch, marks, server, since, until, claimed_at, name,
       created_at, ready_at, attempt, start_delay, duration
FROM job WHERE key < ?1 ORDER BY key DESC

-- name: list_ready
SELECT key, id, kind, state, lane, place, epoch, marks, server, since, until, claimed_at, name,
       created_at, ready_at, attempt, start_delay, duration
FROM job INDEXED BY job_ready
WHERE kind = 2 AND lane = ?1 AND place > ?2 ORDER BY place LIMIT ?3

-- name: list_timed
SELECT key, id, kind, state, lane, place, epoch, marks, server, since, until, claimed_at, name,
       created_at, ready_at, attempt, start_delay, duration
FROM job INDEXED BY job_due
WHERE kind = 3 AND (until, key) > (?1, ?2) ORDER BY until, key

-- name: list_oldest_in_state
SELECT key, id, kind, state, lane, place, epoch, marks, server, since, until, claimed_at, name,
       created_at, ready_at, attempt, start_delay, duration
FROM job INDEXED BY job_listed
WHERE kind >= 5 AND state = ?1 AND (since, key) > (?2, ?3) ORDER BY since, key

-- name: list_latest_in_state
SELECT key, id, kind, state, lane, place, epoch, marks, server, since, until, claimed_at, name,
       created_at, ready_at, attempt, start_delay, duration
FROM job INDEXED BY job_listed
WHERE kind >= 5 AND state = ?1 AND (since, key) < (?2, ?3) ORDER BY since DESC, key DESC

-- name: first_ready
SELECT place, coalesce(ready_at, created_at) FROM job INDEXED BY job_ready
WHERE kind = 2 AND lane = ?1 ORDER BY place LIMIT 1

-- name: job_id
SELECT id FROM job WHERE key = ?1
