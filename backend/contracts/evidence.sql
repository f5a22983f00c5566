-- Certificates of evidence that were made on this device. The latest of a contract is the one that counts; numbers are never used twice.
CREATE TABLE contractsevidence_made (
  number TEXT PRIMARY KEY,
  space  BLOB NOT NULL,
  made   INTEGER NOT NULL, -- Unix ms
  name   TEXT NOT NULL,
  sha256 BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contractsevidence_made_space ON contractsevidence_made (space, made);
