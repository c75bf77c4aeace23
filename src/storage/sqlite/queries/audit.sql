-- The audit log.

-- name: record_audit
INSERT INTO audit (number, at, actor, action, target, reason, outcome)
VALUES (1 + coalesce((SELECT max(number) FROM audit), 0), ?1, ?2, ?3, ?4, ?5, ?6)

-- name: forget_audit
DELETE FROM audit WHERE number <= ?1

-- name: conclude_audit
UPDATE audit SET outcome = ?2 WHERE number = ?1

-- name: audit_page
SELECT number, at, actor, action, target, reason, outcome FROM audit
WHERE number < ?1 AND ?2 IN ('', actor) AND ?3 IN ('', action) AND ?4 IN ('', target)
ORDER BY number DESC LIMIT ?5
