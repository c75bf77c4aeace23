-- Templates of recurring jobs.

-- name: due_recurring
-- The earliest of the names, one more than asked for: it tells when the next falls due. At least
-- one row, for the clock.
SELECT clock.now, r.id, r.version, r.job_name, r.due_at, r.definition, r.progress, r.created_at
FROM (SELECT clock_timestamp() + $1 AS now) AS clock
LEFT JOIN (
  SELECT each.id, each.due_at
  FROM (SELECT DISTINCT unnest($2::text[]) AS name) AS wanted
  CROSS JOIN LATERAL (
    SELECT id, due_at FROM :schema.recurring
    WHERE job_name = wanted.name AND due_at IS NOT NULL
    ORDER BY due_at, id LIMIT $3
  ) AS each
  ORDER BY each.due_at, each.id LIMIT $3
) AS soonest ON true
LEFT JOIN :schema.recurring r ON r.id = soonest.id
ORDER BY r.due_at, r.id

-- name: recurring_by_id
SELECT id, version, job_name, due_at, definition, progress, created_at
FROM :schema.recurring WHERE id = $1

-- name: recurring_page
SELECT id, version, job_name, due_at, definition, progress, created_at
FROM :schema.recurring WHERE id > $1 ORDER BY id LIMIT $2
