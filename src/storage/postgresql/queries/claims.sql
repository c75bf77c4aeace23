-- Claims as this process looks after them.

-- name: note_empty_claim
-- So that the same claim takes nothing when it arrives once more.
INSERT INTO :schema.claim (number, server, token, at, jobs, epochs)
SELECT :schema.new_claim_number(), number, $3, clock_timestamp() + $1, '{}', '{}'
FROM :schema.server WHERE id = $2 AND present
