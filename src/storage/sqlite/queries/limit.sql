-- Jobs that are limited in number.

-- name: add_limited
INSERT INTO limited (job, key, at_once, counts_while, counts) VALUES (?1, ?2, ?3, ?4, 0)

-- name: limited
SELECT key, at_once, counts_while, counts, place IS NOT NULL FROM limited WHERE job = ?1

-- name: set_limited
UPDATE limited SET counts = ?2, place = ?3 WHERE job = ?1

-- name: remove_limited
DELETE FROM limited WHERE job = ?1

-- name: first_in_line
SELECT job, at_once FROM limited INDEXED BY limited_line
WHERE key = ?1 AND place IS NOT NULL ORDER BY place LIMIT 1

-- name: counting
SELECT count FROM counting WHERE key = ?1

-- name: count_limited
INSERT INTO counting (key, count) VALUES (?1, ?2)
ON CONFLICT DO UPDATE SET count = count + excluded.count

-- name: forget_counting
DELETE FROM counting WHERE key = ?1 AND count = 0
