-- The verbs: each a call of a function of the schema.

-- name: create_one
SELECT :schema.create_one($1, $2, $3, $4, $5, $6, $7)

-- name: create_new
SELECT :schema.create_new($1, $2, $3, $4, $5, $6, $7)

-- name: create_many
SELECT a_unit, is_there
FROM :schema.create_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: finish_many
SELECT * FROM :schema.finish_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: commit_units
SELECT status, conflict, rejection, job, holder, existing FROM :schema.commit_units($1, $2)

-- name: commit_units_soon
SELECT status, conflict, rejection, job, holder, existing FROM :schema.commit_units_soon($1, $2)

-- name: claim
SELECT claim, job, epoch, name, arguments, queue, priority, attempt, parameters, created_at,
       ready_at, claimed_at, suspect, crashes, batch
FROM :schema.claim($1, $2, $3, $4, $5)

-- name: held
SELECT job, epoch, claim FROM :schema.held($1)

-- name: release
SELECT released, busy FROM :schema.release($1, $2, $3, $4, $5)

-- name: promote
SELECT :schema.promote($1, $2, $3)

-- name: reclaim
SELECT r.requeued, (r.execution).claim, (r.execution).job, (r.execution).epoch,
       (r.execution).name, (r.execution).arguments, (r.execution).queue,
       (r.execution).priority, (r.execution).attempt, (r.execution).parameters,
       (r.execution).created_at, (r.execution).ready_at, (r.execution).claimed_at,
       (r.execution).suspect, (r.execution).crashes, (r.execution).batch
FROM :schema.reclaim($1, $2, $3, $4) AS r

-- name: expire
SELECT removed, more FROM :schema.expire($1, $2)

-- name: report
SELECT :schema.report($1, $2)

-- name: revoked
SELECT r.index, r.state FROM :schema.revoked($1, $2, $3) AS r

-- name: set_parameters
SELECT :schema.set_parameters($1, $2)

-- name: tell_everybody
-- For the present transaction, see `tell`.
SELECT set_config('portfire.tell_everybody', 'on', true)

-- name: limit_statements
-- For the present transaction.
SELECT set_config('statement_timeout', $1, true)
