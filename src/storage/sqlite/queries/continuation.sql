-- Jobs that wait for jobs.

-- name: add_edge
INSERT INTO edge (parent, child, number, condition) VALUES (?1, ?2, ?3, ?4)

-- name: mark_parent
UPDATE job SET marks = marks | ?2 WHERE key = ?1

-- name: edges_of_parent
-- In the order of the children's creation.
SELECT child, number, condition FROM edge WHERE parent = ?1 ORDER BY child, number

-- name: edges_of_child
SELECT parent, condition FROM edge WHERE child = ?1 ORDER BY number

-- name: remove_edge
DELETE FROM edge WHERE parent = ?1 AND child = ?2 AND number = ?3

-- name: forget_parents
DELETE FROM edge WHERE child = ?1

-- name: add_candidate
INSERT INTO candidate (job, role, name, kind, ending, reason, data, due_in, due_at, retention)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)

-- name: candidate
SELECT name, kind, ending, reason, data, due_in, due_at, retention
FROM candidate WHERE job = ?1 AND role = ?2

-- name: choose_candidate
-- The chosen one becomes what the job takes when it is due; the other one stays under its role and
-- is never asked for again.
UPDATE candidate SET role = 3 WHERE job = ?1 AND role = ?2

-- name: copy_candidate
-- The same where the chosen one is to stay.
INSERT INTO candidate (job, role, name, kind, ending, reason, data, due_in, due_at, retention)
SELECT job, 3, name, kind, ending, reason, data, due_in, due_at, retention
FROM candidate WHERE job = ?1 AND role = ?2

-- name: forget_candidates
-- Those of a batch, 4 to 6, last as long as it does.
DELETE FROM candidate WHERE job = ?1 AND (role <= 3 OR role = 7)
