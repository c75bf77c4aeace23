-- Whose schema it is, and of which version.

-- name: schema_owner
-- Nothing there, ours, or of somebody else.
SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = :schema_text),
       EXISTS (SELECT FROM pg_class
               WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = :schema_text)),
       (SELECT count(*) FROM pg_attribute
        WHERE attrelid = (SELECT oid FROM pg_class
                          WHERE relname = 'version' AND relkind = 'r' AND relnamespace =
                            (SELECT oid FROM pg_namespace WHERE nspname = :schema_text))
          AND attname IN ('portfire_schema', 'portfire_release', 'functions')) = 3

-- name: schema_version
SELECT portfire_schema, portfire_release, functions FROM :schema.version

-- name: lock_schema
-- Held until the end of the transaction, so that it works behind a pooler too.
SELECT pg_advisory_xact_lock(hashtextextended('portfire.' || :schema_text, 0))

-- name: set_schema_version
UPDATE :schema.version SET portfire_schema = $1, portfire_release = $2, functions = $3
