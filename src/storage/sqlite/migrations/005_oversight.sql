-- What people did by hand. The latest ones are kept.
CREATE TABLE audit (
  number  INTEGER PRIMARY KEY,  -- without gaps
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  action  TEXT NOT NULL,
  target  TEXT NOT NULL,
  reason  TEXT NOT NULL,
  outcome TEXT NOT NULL
);

ALTER TABLE server ADD COLUMN stopping INTEGER NOT NULL DEFAULT 0;  -- somebody has asked it to
ALTER TABLE server ADD COLUMN version TEXT NOT NULL DEFAULT '';     -- of its library
