-- Templates of recurring jobs.

-- name: add_recurring
INSERT INTO recurring (id, version, job_name, due_at, definition, progress, created_at)
VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING

-- name: change_recurring
UPDATE recurring
SET version = version + 1, job_name = ?3, due_at = ?4, definition = ?5, progress = ?6
WHERE id = ?1 AND version = ?2

-- name: remove_recurring
DELETE FROM recurring WHERE id = ?1 AND version = ?2

-- name: recurring_exists
SELECT 1 FROM recurring WHERE id = ?1

-- name: recurring_dues
SELECT due_at, id FROM recurring INDEXED BY recurring_due
WHERE job_name = ?1 AND due_at IS NOT NULL ORDER BY due_at, id LIMIT ?2

-- name: recurring_by_id
SELECT id, version, job_name, due_at, definition, progress, created_at
FROM recurring WHERE id = ?1

-- name: recurring_page
SELECT id, version, job_name, due_at, definition, progress, created_at
FROM recurring WHERE id > ?1 ORDER BY id LIMIT ?2
