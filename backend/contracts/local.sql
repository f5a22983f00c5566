-- What this device alone keeps of a contract.
CREATE TABLE contractslocal_contract (
  space    BLOB PRIMARY KEY,
  archived INTEGER NOT NULL DEFAULT 0,
  deleted  INTEGER NOT NULL DEFAULT 0,
  retain   INTEGER NOT NULL DEFAULT 0, -- Unix ms
  ends     INTEGER NOT NULL DEFAULT 0, -- Unix ms; 0: as it was sent
  code     BLOB NOT NULL DEFAULT x'',  -- the key that the access code gives
  reminded INTEGER NOT NULL DEFAULT 0  -- Unix ms
) STRICT, WITHOUT ROWID;
CREATE TABLE contractslocal_tag (
  space BLOB NOT NULL,
  tag   TEXT NOT NULL,
  PRIMARY KEY (space, tag)
) STRICT, WITHOUT ROWID;
-- Pieces that only who has the access code knows of.
CREATE TABLE contractslocal_piece (
  hash  BLOB NOT NULL,
  space BLOB NOT NULL,
  PRIMARY KEY (hash, space)
) STRICT, WITHOUT ROWID;
-- Files with lists of pieces among them.
CREATE TABLE contractslocal_tree (
  id   BLOB PRIMARY KEY,
  file BLOB NOT NULL
) STRICT, WITHOUT ROWID;
