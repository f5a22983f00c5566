-- The key of a device's log (use 0) and witness (use 1) in a space: the first that it used there, by its feed.
CREATE TABLE witnessed_key (
  space  BLOB NOT NULL,
  device BLOB NOT NULL,
  use    INTEGER NOT NULL,
  start  INTEGER NOT NULL, -- of the feed, Unix ms
  seq    INTEGER NOT NULL,
  key    TEXT NOT NULL,
  PRIMARY KEY (space, device, use)
) STRICT, WITHOUT ROWID;
-- Checkpoints of logs, as they came: one row for each event. continuations is the encoded list.
CREATE TABLE witnessed_checkpoint (
  id            BLOB PRIMARY KEY,
  space         BLOB NOT NULL,
  device        BLOB NOT NULL,
  person        BLOB NOT NULL,
  log           TEXT NOT NULL,
  size          INTEGER NOT NULL,
  text          TEXT NOT NULL,
  hash          BLOB NOT NULL, -- of text
  line          TEXT NOT NULL, -- the log's own signature
  continuations BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX witnessed_checkpoint_log ON witnessed_checkpoint (log, size);
CREATE INDEX witnessed_checkpoint_space ON witnessed_checkpoint (space, log, hash);
-- Entries of a contract, proven in the checkpoint with this hash.
CREATE TABLE witnessed_entry (
  space  BLOB NOT NULL,
  log    TEXT NOT NULL,
  idx    INTEGER NOT NULL,
  hash   BLOB NOT NULL,
  text   BLOB NOT NULL,
  proof  BLOB NOT NULL, -- the encoded hashes
  PRIMARY KEY (space, log, idx, hash)
) STRICT, WITHOUT ROWID;
-- Cosignatures. good: the checkpoint is here, and the signature is one over it.
CREATE TABLE witnessed_cosigned (
  space   BLOB NOT NULL,
  witness TEXT NOT NULL,
  log     TEXT NOT NULL,
  hash    BLOB NOT NULL,
  line    TEXT NOT NULL,
  device  BLOB NOT NULL,
  person  BLOB NOT NULL,
  good    INTEGER NOT NULL,
  PRIMARY KEY (space, witness, log, hash, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX witnessed_cosigned_hash ON witnessed_cosigned (space, log, hash);
-- Proofs against logs.
CREATE TABLE witnessed_forked (
  space  BLOB NOT NULL,
  log    TEXT NOT NULL,
  first  TEXT NOT NULL,
  second TEXT NOT NULL,
  PRIMARY KEY (space, log, first, second)
) STRICT, WITHOUT ROWID;
