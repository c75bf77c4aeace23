-- Servers, locks and the settings of queues.

-- name: announce
-- A server that comes back begins anew, and the answer is true; one that is there goes on.
WITH before AS (SELECT present FROM :schema.server WHERE id = $2)
INSERT INTO :schema.server AS s (id, present, beat, last_token, lease, started_at, heartbeat_at,
                                 workers, name, host, lock, queues, job_names, version)
SELECT $2, true, 1, 0, $3, clock.now, clock.now, $4, $5, $6, $7, $8, $9, $10
FROM (SELECT clock_timestamp() + $1 AS now) AS clock
ON CONFLICT (id) DO UPDATE SET
  beat = CASE WHEN s.present THEN s.beat ELSE 1 END,
  started_at = CASE WHEN s.present THEN s.started_at ELSE excluded.started_at END,
  last_token = CASE WHEN s.present THEN s.last_token ELSE 0 END,
  present = true, lease = excluded.lease, heartbeat_at = excluded.heartbeat_at,
  workers = excluded.workers, name = excluded.name, host = excluded.host, lock = excluded.lock,
  queues = excluded.queues, job_names = excluded.job_names, version = excluded.version,
  stopping = false
RETURNING NOT coalesce((SELECT present FROM before), false)

-- name: beat
UPDATE :schema.server SET beat = beat + 1, heartbeat_at = clock_timestamp() + $1
WHERE id = $2 AND present

-- name: beats
SELECT id, beat, host, lock, lease, stopping FROM :schema.server WHERE present ORDER BY id

-- name: remove_server
SELECT :schema.remove_server($1, $2)

-- name: ask_to_stop
WITH asked AS (
  UPDATE :schema.server SET stopping = true WHERE id = $1 AND present RETURNING id)
SELECT :schema.tell(ARRAY['server/' || id]) FROM asked

-- name: take_lock
-- A row as it was, changed only where it is free or the owner's own; the fence grows with each new
-- holding and survives the lock.
INSERT INTO :schema.lock AS l (name, owner, fence, until)
VALUES ($2, $3, 1, :schema.later(clock_timestamp() + $1, $4))
ON CONFLICT (name) DO UPDATE SET
  fence = l.fence + (l.until <= clock_timestamp() + $1)::integer,
  owner = excluded.owner, until = excluded.until
WHERE l.until <= clock_timestamp() + $1 OR l.owner = excluded.owner
RETURNING fence

-- name: renew_lock
UPDATE :schema.lock SET until = :schema.later(clock_timestamp() + $1, $4)
WHERE name = $2 AND fence = $3 AND until > clock_timestamp() + $1

-- name: release_lock
UPDATE :schema.lock SET until = clock_timestamp() + $1
WHERE name = $2 AND fence = $3 AND until > clock_timestamp() + $1

-- name: queue_settings
SELECT name, paused, paused_by, pause_reason, version FROM :schema.queue
ORDER BY name COLLATE "C"

-- name: set_queue
-- Version 0 means that there is no row yet.
WITH stored AS (
  INSERT INTO :schema.queue AS q (name, paused, paused_by, pause_reason, version)
  SELECT $1, $2, $3, $4, 1
  WHERE $5 = 0 OR EXISTS (SELECT 1 FROM :schema.queue WHERE name = $1)
  ON CONFLICT (name) DO UPDATE SET
    paused = excluded.paused, paused_by = excluded.paused_by,
    pause_reason = excluded.pause_reason, version = q.version + 1
  WHERE q.version = $5
  RETURNING 1
)
SELECT :schema.tell(ARRAY['settings', 'queue/' || $1]) FROM stored
