-- Bodies of the events of contracts, as they came.
CREATE TABLE contracts_event (
  id     BLOB PRIMARY KEY,
  space  BLOB NOT NULL,
  kind   TEXT NOT NULL,
  stamp  INTEGER NOT NULL,
  device BLOB NOT NULL,
  person BLOB NOT NULL,
  body   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contracts_event_space ON contracts_event (space, stamp);
