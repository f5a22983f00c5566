-- Personal seals: of this person alone, on this device.
CREATE TABLE officelocal_seal(
  id        TEXT PRIMARY KEY,
  workspace BLOB NOT NULL,
  name      TEXT NOT NULL,
  kind      INTEGER NOT NULL,
  content   BLOB NOT NULL,          -- draws it
  width     INTEGER NOT NULL,       -- thousandths of a point
  height    INTEGER NOT NULL,
  made      INTEGER NOT NULL        -- Unix ms
) STRICT, WITHOUT ROWID;
