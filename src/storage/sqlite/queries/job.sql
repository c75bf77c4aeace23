-- One job: its row and what belongs to it. Queries of whole rows name the same columns in the same
-- order.

-- name: create_job
-- A unique key of `id` refuses what exists already; nothing has been written then. What the end of
-- a run will fill is filled with something of that width, see the schema.
INSERT INTO job (key, id, kind, state, lane, place, epoch, marks, server, since, until, claimed_at,
                 name, created_at, attempt, start_delay, duration, arguments, batch)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, -1, ?8, coalesce(?9, ?8), ?8, ?10, ?8, 0, -1000, -100, ?11,
        ?12)

-- name: job_by_key
SELECT key, id, kind, state, lane, place, epoch, marks, server, since, until, claimed_at, name,
       created_at, ready_at, attempt, start_delay, duration
FROM job WHERE key = ?1

-- name: job_by_id
SELECT key, id, kind, state, lane, place, epoch, marks, server, since, until, claimed_at, name,
       created_at, ready_at, attempt, start_delay, duration
FROM job WHERE id = ?1

-- name: key_by_id
SELECT key FROM job WHERE id = ?1

-- name: write_job
-- All that can change, except `result` and `arguments`, which are not read either.
UPDATE job SET kind = ?2, state = ?3, lane = ?4, place = ?5, epoch = ?6, marks = ?7, server = ?8,
               since = ?9, until = ?10, claimed_at = ?11, ready_at = ?12, attempt = ?13,
               start_delay = ?14, duration = ?15
WHERE key = ?1

-- name: set_result
UPDATE job SET result = ?2 WHERE key = ?1

-- name: set_arguments
UPDATE job SET arguments = ?2 WHERE key = ?1

-- name: job_arguments
SELECT arguments FROM job WHERE key = ?1

-- name: job_result
SELECT result FROM job WHERE key = ?1

-- name: payload_arguments
SELECT arguments FROM payload WHERE job = ?1

-- name: add_payload
INSERT INTO payload (job, arguments) VALUES (?1, ?2)

-- name: parameters
SELECT name, value FROM parameter WHERE job = ?1

-- name: set_parameter
INSERT INTO parameter (job, name, value) VALUES (?1, ?2, ?3)
ON CONFLICT DO UPDATE SET value = excluded.value

-- name: remove_parameter
DELETE FROM parameter WHERE job = ?1 AND name = ?2

-- name: words
SELECT reason, data FROM extra WHERE job = ?1

-- name: set_words
INSERT INTO extra (job, reason, data) VALUES (?1, ?2, ?3)
ON CONFLICT DO UPDATE SET reason = excluded.reason, data = excluded.data

-- name: crashes
SELECT crashes FROM extra WHERE job = ?1

-- name: set_crashes
INSERT INTO extra (job, crashes) VALUES (?1, ?2)
ON CONFLICT DO UPDATE SET crashes = excluded.crashes

-- name: add_progress
INSERT INTO extra (job, progress) VALUES (?1, ?2)
ON CONFLICT DO UPDATE SET progress = excluded.progress

-- name: set_progress
UPDATE extra SET progress = ?2 WHERE job = ?1

-- name: set_unique_key_of
INSERT INTO extra (job, unique_key) VALUES (?1, ?2)
ON CONFLICT DO UPDATE SET unique_key = excluded.unique_key

-- name: extra
SELECT reason, data, crashes, progress, unique_key FROM extra WHERE job = ?1

-- name: unique_holder
-- With the kind of the holder's state, if the holder exists.
SELECT unique_key.holder, unique_key.held_while, unique_key.window_until, job.kind
FROM unique_key LEFT JOIN job ON job.id = unique_key.holder
WHERE unique_key.key = ?1

-- name: take_unique_key
INSERT INTO unique_key (key, holder, held_while, window_until) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT DO UPDATE SET holder = excluded.holder, held_while = excluded.held_while,
                          window_until = excluded.window_until

-- name: add_history
INSERT INTO history (job, number, state, at, elected_away, server, reason, data)
SELECT ?1, 1 + coalesce(max(number), 0), ?2, ?3, ?4, ?5, ?6, ?7 FROM history WHERE job = ?1

-- name: history
SELECT state, at, elected_away, server, reason, data FROM history WHERE job = ?1 ORDER BY number

-- name: last_history
SELECT number, state, reason, data FROM history WHERE job = ?1 ORDER BY number DESC LIMIT 1

-- name: remove_history_entry
DELETE FROM history WHERE job = ?1 AND number = ?2

-- name: add_log
INSERT INTO log (job, number, at, level, text)
SELECT ?1, ?2, ?3, ?4, ?5
WHERE ?2 > (SELECT coalesce(max(number), 0) FROM log WHERE job = ?1)

-- name: log
SELECT number, at, level, text FROM log WHERE job = ?1 AND number > ?2 ORDER BY number LIMIT ?3

-- name: note_stopping
INSERT INTO stopping (job, epoch, server) VALUES (?1, ?2, ?3)
ON CONFLICT DO UPDATE SET epoch = excluded.epoch, server = excluded.server

-- name: clear_stopping
DELETE FROM stopping WHERE job = ?1 AND epoch = ?2

-- name: stopping_of
SELECT server FROM stopping WHERE job = ?1

-- name: remove_edges_of_parent
DELETE FROM edge WHERE parent = ?1

-- name: remove_payload
DELETE FROM payload WHERE job = ?1

-- name: remove_parameters
DELETE FROM parameter WHERE job = ?1

-- name: remove_history
DELETE FROM history WHERE job = ?1

-- name: remove_log
DELETE FROM log WHERE job = ?1

-- name: remove_extra
DELETE FROM extra WHERE job = ?1

-- name: remove_unique_key_of
-- A window goes on without its job.
DELETE FROM unique_key
WHERE key = (SELECT unique_key FROM extra WHERE job = ?1) AND holder = ?2 AND window_until IS NULL

-- name: remove_stopping_of
DELETE FROM stopping WHERE job = ?1

-- name: remove_job
DELETE FROM job WHERE key = ?1
