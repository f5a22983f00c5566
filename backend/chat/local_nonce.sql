-- What was posted lately under which nonce, so that a call that is made again
-- after a crash does not post twice. Rows live for ten minutes.
CREATE TABLE chatlocal_nonce(
  at    INTEGER NOT NULL, -- Unix ms
  space BLOB NOT NULL,
  nonce TEXT NOT NULL,
  stamp INTEGER NOT NULL,
  feed  INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  PRIMARY KEY(at, space, nonce)
) STRICT, WITHOUT ROWID;
