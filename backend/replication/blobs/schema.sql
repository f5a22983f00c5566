-- Files that are wanted or here.
CREATE TABLE blobs_file(
  file   BLOB PRIMARY KEY,   -- blob.ID
  space  BLOB NOT NULL,
  author BLOB NOT NULL,      -- device that is asked first
  body   BLOB NOT NULL,      -- blob.File
  state  INTEGER NOT NULL,   -- 1 wanted, 2 here, 3 stopped
  bytes  INTEGER NOT NULL,   -- of content that were here when it stopped
  code   TEXT NOT NULL,      -- why it stopped; empty: somebody stopped it
  at     INTEGER NOT NULL    -- Unix ms
) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_file_wanted ON blobs_file(at) WHERE state = 1;

-- Files that are to be put into depots.
CREATE TABLE blobs_deposit(
  file  BLOB NOT NULL,
  space BLOB NOT NULL,
  body  BLOB NOT NULL,
  at    INTEGER NOT NULL,
  PRIMARY KEY(file, space)
) STRICT, WITHOUT ROWID;

-- Pieces that nodes list: whoever may have a node may have what it lists.
CREATE TABLE blobs_inner(
  hash   BLOB NOT NULL,
  parent BLOB NOT NULL,
  PRIMARY KEY(hash, parent)
) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_inner_parent ON blobs_inner(parent);

-- Pieces that nothing refers to, and since when that is known.
CREATE TABLE blobs_orphan(
  hash  BLOB PRIMARY KEY,
  since INTEGER NOT NULL     -- Unix ms
) STRICT, WITHOUT ROWID;
