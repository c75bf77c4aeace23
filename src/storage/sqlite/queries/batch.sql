-- Batches and their members.

-- name: add_batch
INSERT INTO batch (key, id, total, outstanding, succeeded) VALUES (?1, ?2, 0, 0, 0)

-- name: change_batch
UPDATE batch SET total = total + ?2, outstanding = outstanding + ?3, succeeded = succeeded + ?4
WHERE key = ?1

-- name: batch
SELECT total, outstanding, succeeded FROM batch WHERE key = ?1

-- name: batch_id
SELECT id FROM batch WHERE key = ?1

-- name: batch_key
SELECT key FROM batch WHERE id = ?1

-- name: batch_of
SELECT batch FROM job WHERE key = ?1

-- name: begin_sweep
UPDATE batch SET swept_up_to = 0, retention = ?2 WHERE key = ?1 AND swept_up_to IS NULL

-- name: next_sweep
SELECT key, swept_up_to, retention FROM batch INDEXED BY batch_sweep
WHERE swept_up_to >= 0 ORDER BY key LIMIT 1

-- name: go_on_sweeping
UPDATE batch SET swept_up_to = ?2 WHERE key = ?1

-- name: members_from
SELECT key FROM job INDEXED BY job_batch
WHERE batch = ?1 AND key > ?2 ORDER BY key LIMIT ?3

-- name: list_members
SELECT key, id, kind, state, lane, place, epoch, marks, server, since, until, claimed_at, name,
       created_at, ready_at, attempt, start_delay, duration
FROM job INDEXED BY job_batch
WHERE batch = ?1 AND key < ?2 ORDER BY key DESC

-- name: remove_candidates
DELETE FROM candidate WHERE job = ?1

-- name: remove_batch
-- Not before its job and its last member.
DELETE FROM batch
WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM job WHERE key = ?1)
  AND NOT EXISTS (SELECT 1 FROM job INDEXED BY job_batch WHERE batch = ?1)
