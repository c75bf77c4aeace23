-- Jobs that are limited in number. Those in line have the state that they are on their way to among
-- their candidates, in role 7.
CREATE TABLE limited (
  job          INTEGER PRIMARY KEY,
  key          TEXT NOT NULL,
  at_once      INTEGER NOT NULL,
  counts_while INTEGER NOT NULL,  -- bits of kinds
  counts       INTEGER NOT NULL,
  place        INTEGER            -- in line: position of joining it; nothing: not in line
);
CREATE INDEX limited_line ON limited (key, place) WHERE place IS NOT NULL;

-- How many jobs count for a key; no row: none.
CREATE TABLE counting (
  key   TEXT PRIMARY KEY,
  count INTEGER NOT NULL
) WITHOUT ROWID;
