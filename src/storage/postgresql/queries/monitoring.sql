-- What readers ask. Finished jobs are shown until the horizon has passed their expiry; a job of
-- kind 0 without a row in `ready` is held, see the tables.

-- name: storage_time
SELECT clock_timestamp() + $1

-- name: states_by_name
SELECT number, kind FROM :schema.state WHERE name = $1 ORDER BY number

-- name: lanes
SELECT number, queue, handler FROM :schema.lane ORDER BY queue COLLATE "C", number

-- Lists. Each of these reads a portion of an order: what it is sorted by, then lane, state, name,
-- creation and tags of each job. Whether it is wanted is decided outside, so that work can be
-- limited.

-- name: list_newest
SELECT * FROM (
  (SELECT id, NULL::timestamptz, NULL::bigint, NULL::bigint, lane, state, name, created_at,
          parameters->>'portfire.tags'
   FROM :schema.job WHERE id < $1 ORDER BY id DESC LIMIT $2)
  UNION ALL
  (SELECT id, NULL, NULL, NULL, lane, state, name, created_at,
          parameters->>'portfire.tags'
   FROM :schema.finished
   WHERE id < $1 AND expires_at > (SELECT expired_until FROM :schema.horizon)
   ORDER BY id DESC LIMIT $2)) AS portion
ORDER BY id DESC LIMIT $2

-- name: list_members
-- Of a batch; held ones with the state that they are in.
SELECT * FROM (
  (SELECT id, NULL::timestamptz, position, NULL::bigint, lane,
          CASE WHEN kind = 0 AND NOT EXISTS (
            SELECT FROM :schema.ready r WHERE r.lane = job.lane AND r.place = job.place)
          THEN 4::smallint ELSE state END, name, created_at,
          parameters->>'portfire.tags'
   FROM :schema.job WHERE batch = $1 AND position < $2 ORDER BY position DESC LIMIT $3)
  UNION ALL
  (SELECT id, NULL, position, NULL, lane, state, name, created_at,
          parameters->>'portfire.tags'
   FROM :schema.finished
   WHERE batch = $1 AND position < $2
     AND expires_at > (SELECT expired_until FROM :schema.horizon)
   ORDER BY position DESC LIMIT $3)) AS portion
ORDER BY position DESC LIMIT $3

-- name: list_ready
SELECT job.id, NULL::timestamptz, first.place, NULL::bigint, first.lane, first.state, job.name,
       job.created_at, job.parameters->>'portfire.tags'
FROM unnest($1::integer[]) AS one (lane), LATERAL (
  SELECT job, lane, place, state FROM :schema.ready
  WHERE lane = one.lane AND place > $2 ORDER BY place LIMIT $3) AS first
JOIN :schema.job ON job.id = first.job
ORDER BY first.place LIMIT $3

-- name: list_timed
SELECT id, until, position, NULL::bigint, lane, state, name, created_at,
       parameters->>'portfire.tags'
FROM :schema.job
WHERE kind = 1 AND (until, position) > ($1, $2) ORDER BY until, position LIMIT $3

-- name: list_waiting
SELECT id, since, position, NULL::bigint, lane, state, name, created_at,
       parameters->>'portfire.tags'
FROM :schema.job
WHERE kind IN (2, 4) AND state = $1 AND (since, position) > ($2, $3)
ORDER BY since, position LIMIT $4

-- name: list_parked
SELECT id, since, position, NULL::bigint, lane, state, name, created_at,
       parameters->>'portfire.tags'
FROM :schema.job
WHERE kind IN (2, 4) AND state = $1 AND (since, position) < ($2, $3)
ORDER BY since DESC, position DESC LIMIT $4

-- name: list_final
SELECT id, since, NULL::bigint, NULL::bigint, lane, state, name, created_at,
       parameters->>'portfire.tags'
FROM :schema.finished
WHERE state = $1 AND (since, id) < ($2, $3)
  AND expires_at > (SELECT expired_until FROM :schema.horizon)
ORDER BY since DESC, id DESC LIMIT $4

-- name: list_held
SELECT j.id, c.at, c.number, u.n, j.lane, 4::smallint, j.name, j.created_at,
       j.parameters->>'portfire.tags'
FROM :schema.claim c,
     LATERAL unnest(c.jobs, c.epochs) WITH ORDINALITY AS u (id, epoch, n)
     JOIN :schema.job j ON j.id = u.id AND j.epoch = u.epoch - 1 AND j.kind = 0
WHERE (c.at, c.number, u.n) > ($1, $2, $3)
  AND NOT EXISTS (SELECT FROM :schema.ready r WHERE r.lane = j.lane AND r.place = j.place)
ORDER BY c.at, c.number, u.n LIMIT $4

-- name: summaries
-- In the order of the ids.
SELECT u.n, j.id, j.name, lane.queue, lane.handler <> '', :schema.priority_of(j.place), state.name,
       j.kind, j.kind = 0 AND NOT :schema.is_ready(j), j.epoch, j.reason, j.attempt, j.created_at,
       j.since, j.until, j.duration, j.arguments, j.batch, j.parameters
FROM unnest($1::uuid[]) WITH ORDINALITY AS u (id, n)
JOIN :schema.job j ON j.id = u.id
JOIN :schema.lane ON lane.number = j.lane
JOIN :schema.state ON state.number = j.state
UNION ALL
SELECT u.n, f.id, f.name, lane.queue, lane.handler <> '', :schema.priority_of(f.place), state.name,
       5, false, f.epoch, f.reason, f.attempt, f.created_at, f.since, f.expires_at, f.duration,
       f.arguments, f.batch, f.parameters
FROM unnest($1::uuid[]) WITH ORDINALITY AS u (id, n)
JOIN :schema.finished f ON f.id = u.id
JOIN :schema.lane ON lane.number = f.lane
JOIN :schema.state ON state.number = f.state
WHERE f.expires_at > (SELECT expired_until FROM :schema.horizon)
ORDER BY 1

-- name: holders
-- Who holds the jobs of an array under the epochs of another, and since when.
SELECT h.id, server.id, c.at
FROM :schema.claim c
JOIN :schema.server ON server.number = c.server,
     LATERAL unnest(c.jobs, c.epochs) AS h (id, epoch)
WHERE (h.id, h.epoch) IN (SELECT * FROM unnest($1::uuid[], $2::bigint[]))

-- name: details
SELECT j.result, j.data, j.unique_key, j.marks, j.crashes, j.start_delay,
       j.claimed_at, server.id, j.progress, j.reported, NULL::timestamptz,
       batch.total, batch.outstanding, batch.succeeded, limited.key, limited.line IS NOT NULL,
       (SELECT ending FROM :schema.state WHERE number = j.state)
FROM :schema.job j LEFT JOIN :schema.server ON server.number = j.server
  LEFT JOIN :schema.batch ON batch.id = j.id
  LEFT JOIN :schema.limited ON limited.job = j.id
WHERE j.id = $1
UNION ALL
SELECT f.result, f.data, f.unique_key, f.marks, f.crashes, f.start_delay,
       f.claimed_at, server.id, f.progress, NULL, f.ready_at,
       batch.total, batch.outstanding, batch.succeeded, limited.key, false,
       (SELECT ending FROM :schema.state WHERE number = f.state)
FROM :schema.finished f LEFT JOIN :schema.server ON server.number = f.server
  LEFT JOIN :schema.batch ON batch.id = f.id
  LEFT JOIN :schema.limited ON limited.job = f.id
WHERE f.id = $1 AND f.expires_at > (SELECT expired_until FROM :schema.horizon)

-- name: parents
SELECT parent, condition FROM :schema.edge WHERE child = $1 ORDER BY number

-- name: children
SELECT job.id FROM :schema.job
WHERE id IN (SELECT child FROM :schema.edge WHERE parent = $1) ORDER BY position

-- name: job_history
SELECT state.name, state.kind, h.at, h.reason, h.data, h.elected_away, server.id
FROM :schema.history h
JOIN :schema.state ON state.number = h.state
LEFT JOIN :schema.server ON server.number = h.server
WHERE h.job = $1 ORDER BY h.number

-- name: stopping_on
SELECT server.id FROM :schema.stopping JOIN :schema.server ON server.number = stopping.server
WHERE job = $1

-- name: log_lines
SELECT number, at, level, text FROM :schema.log
WHERE job = $1 AND number > $2
  AND (EXISTS (SELECT FROM :schema.job WHERE id = $1)
       OR EXISTS (SELECT FROM :schema.finished
                  WHERE id = $1 AND expires_at > (SELECT expired_until FROM :schema.horizon)))
ORDER BY number LIMIT $3

-- Numbers: what is folded, and what has changed since.

-- name: live_counts
SELECT lane.queue, lane.handler <> '', state.name, state.kind, sum(n.count)::bigint
FROM (SELECT lane, state, count FROM :schema.tally WHERE what = 1
      UNION ALL
      SELECT lane, entered, count FROM :schema.change WHERE entered IS NOT NULL
      UNION ALL
      SELECT lane, left_state, -count FROM :schema.change WHERE left_state > 0) AS n
JOIN :schema.lane ON lane.number = n.lane
JOIN :schema.state ON state.number = n.state
GROUP BY 1, 2, 3, 4 HAVING sum(n.count) > 0

-- name: lifetime_counts
SELECT coalesce(state.name, 'Created'), sum(n.count)::bigint
FROM (SELECT state, count FROM :schema.tally WHERE what = 2
      UNION ALL
      SELECT entered, count FROM :schema.change WHERE entered IS NOT NULL
      UNION ALL
      SELECT left_state, count FROM :schema.change WHERE left_state = 0) AS n
LEFT JOIN :schema.state ON state.number = n.state
WHERE n.state = 0 OR state.kind IN (4, 5)
GROUP BY 1 HAVING sum(n.count) > 0

-- name: hourly_counts
SELECT n.hour, coalesce(state.name, 'Created'), sum(n.count)::bigint
FROM (SELECT hour, state, count FROM :schema.tally WHERE what = 3
      UNION ALL
      SELECT date_trunc('hour', at, 'UTC'), entered, count FROM :schema.change
      WHERE entered IS NOT NULL
      UNION ALL
      SELECT date_trunc('hour', at, 'UTC'), left_state, count FROM :schema.change
      WHERE left_state = 0) AS n
LEFT JOIN :schema.state ON state.number = n.state
WHERE n.hour >= $1 AND n.hour < $2 AND (n.state = 0 OR state.kind IN (4, 5))
GROUP BY 1, 2 HAVING sum(n.count) > 0
ORDER BY 1, coalesce(state.name, 'Created') COLLATE "C"

-- name: oldest_ready
SELECT DISTINCT ON (lane.queue) lane.queue, job.since
FROM :schema.lane, LATERAL (
  SELECT job, place FROM :schema.ready WHERE ready.lane = lane.number ORDER BY place LIMIT 1) first
JOIN :schema.job ON job.id = first.job
WHERE lane.handler = ''
ORDER BY lane.queue, first.place

-- name: servers
SELECT id, name, host, lock, workers, queues, job_names, lease, started_at, heartbeat_at,
       (SELECT count(*) FROM :schema.claim c, LATERAL :schema.still_held(c)
        WHERE c.server = server.number), version, stopping
FROM :schema.server WHERE present ORDER BY started_at, number
