-- What people did by hand. The latest entries are kept, without gaps in their numbers.
CREATE TABLE :schema.audit (
  number  bigint PRIMARY KEY,
  at      timestamptz NOT NULL,
  actor   text        NOT NULL,
  action  text        NOT NULL,
  target  text        NOT NULL,
  reason  text        NOT NULL,
  outcome text        NOT NULL
);

-- The number of the newest one. Its lock makes them commit in the order of their numbers.
CREATE TABLE :schema.audit_number (last bigint NOT NULL) WITH (fillfactor = 50);
INSERT INTO :schema.audit_number VALUES (0);

-- Somebody has asked the server to stop; which version of the library it runs.
ALTER TABLE :schema.server
  ADD COLUMN stopping boolean NOT NULL DEFAULT false,
  ADD COLUMN version  text    NOT NULL DEFAULT '';
