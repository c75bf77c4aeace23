-- Servers, locks and the settings of queues.

-- name: server_by_id
SELECT number, present, last_token, job_names FROM server WHERE id = ?1

-- name: server_id
SELECT id FROM server WHERE number = ?1

-- name: announce
-- A server that comes back begins anew; one that is there goes on.
INSERT INTO server (id, present, beat, last_token, lease, started_at, heartbeat_at, workers, name,
                    host, lock, queues, job_names, version)
VALUES (?1, 1, 1, 0, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (id) DO UPDATE SET
  beat = iif(present, beat, 1), started_at = iif(present, started_at, excluded.started_at),
  last_token = iif(present, last_token, 0),
  present = 1, lease = excluded.lease, heartbeat_at = excluded.heartbeat_at,
  workers = excluded.workers, name = excluded.name, host = excluded.host, lock = excluded.lock,
  queues = excluded.queues, job_names = excluded.job_names, version = excluded.version,
  stopping = 0

-- name: beat
UPDATE server SET beat = beat + 1, heartbeat_at = ?2 WHERE id = ?1 AND present = 1

-- name: beats
SELECT id, beat, host, lock, lease, stopping FROM server INDEXED BY server_present
WHERE present = 1 ORDER BY id

-- name: ask_to_stop
UPDATE server SET stopping = 1 WHERE id = ?1 AND present = 1

-- name: servers
SELECT server.number, id, name, host, lock, workers, queues, job_names, lease, started_at,
       heartbeat_at, coalesce(tally.count, 0), version, stopping
FROM server INDEXED BY server_present
LEFT JOIN tally ON tally.what = 4 AND tally.first = server.number AND tally.second = 0
WHERE present = 1 ORDER BY started_at, server.number

-- name: set_last_token
UPDATE server SET last_token = ?2 WHERE number = ?1

-- name: strike_off_server
UPDATE server SET present = 0, queues = '[]', job_names = '[]' WHERE number = ?1

-- name: take_lock
-- A row as it was, changed only where it is free or the owner's own; the fence grows with each new
-- holding and survives the lock.
INSERT INTO lock (name, owner, fence, until) VALUES (?1, ?2, 1, ?4)
ON CONFLICT DO UPDATE SET fence = fence + (until <= ?3), owner = excluded.owner,
  until = excluded.until
WHERE until <= ?3 OR owner = excluded.owner
RETURNING fence

-- name: renew_lock
UPDATE lock SET until = ?4 WHERE name = ?1 AND fence = ?2 AND until > ?3

-- name: release_lock
UPDATE lock SET until = ?3 WHERE name = ?1 AND fence = ?2 AND until > ?3

-- name: queue_settings
SELECT name, paused, paused_by, pause_reason, version FROM queue ORDER BY name

-- name: paused_queues
SELECT name FROM queue WHERE paused = 1

-- name: set_queue
-- Version 0 means that there is no row yet.
INSERT INTO queue (name, paused, paused_by, pause_reason, version)
SELECT ?1, ?2, ?3, ?4, 1 WHERE ?5 = 0 OR EXISTS (SELECT 1 FROM queue WHERE name = ?1)
ON CONFLICT DO UPDATE SET paused = excluded.paused, paused_by = excluded.paused_by,
                          pause_reason = excluded.pause_reason, version = version + 1
WHERE version = ?5
