-- The audit log, and how large everything is.

-- name: record_audit
-- Numbers have no gaps, so the entry that is one too many is found by its own.
WITH counted AS (UPDATE :schema.audit_number SET last = last + 1 RETURNING last),
gone AS (DELETE FROM :schema.audit WHERE number = (SELECT last FROM counted) - $2)
INSERT INTO :schema.audit (number, at, actor, action, target, reason, outcome)
SELECT last, clock_timestamp() + $1, $3, $4, $5, $6, $7 FROM counted
RETURNING number

-- name: conclude_audit
UPDATE :schema.audit SET outcome = $2 WHERE number = $1

-- name: audit_page
SELECT number, at, actor, action, target, reason, outcome FROM :schema.audit
WHERE number < $1 AND $2 IN ('', actor) AND $3 IN ('', action) AND $4 IN ('', target)
ORDER BY number DESC LIMIT $5

-- name: table_sizes
-- By the catalogue alone. Partitions count as their table; of some that PostgreSQL has not
-- looked at yet, it does not know the rows.
SELECT coalesce(parent.relname, own.relname)::text, sum(pg_total_relation_size(own.oid))::bigint,
       sum(own.reltuples::bigint) FILTER (WHERE own.reltuples > 0 OR own.relpages > 0)::bigint
FROM pg_class own
LEFT JOIN pg_inherits ON pg_inherits.inhrelid = own.oid
LEFT JOIN pg_class parent ON parent.oid = pg_inherits.inhparent
WHERE own.relkind = 'r'
  AND own.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = :schema_text)
GROUP BY 1 ORDER BY 2 DESC, 1
