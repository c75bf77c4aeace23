-- The listening connection's own statements, and the caller's notification.

-- name: list_topics
-- One statement for both: topics that somebody waits for now, and those that nobody does any more.
WITH withdrawn AS (
  DELETE FROM :schema.waiting WHERE topic = ANY ($2) AND process = pg_backend_pid())
INSERT INTO :schema.waiting (topic, process)
SELECT topic, pg_backend_pid() FROM unnest($1::text[]) AS topic
ON CONFLICT DO NOTHING

-- name: tell
SELECT :schema.tell($1)

-- name: forget_deaf
SELECT :schema.forget_deaf()
