-- The keys of this device's log and witness, sealed for the device's own key.
CREATE TABLE witnessedlocal_key (
  use TEXT PRIMARY KEY,
  box BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- Contracts with entries that were not posted yet; idx is the latest of them.
CREATE TABLE witnessedlocal_due (
  space BLOB PRIMARY KEY,
  idx   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Checkpoints that this device does not sign, and why: older, forked, malformed.
CREATE TABLE witnessedlocal_refused (
  id  BLOB PRIMARY KEY,
  why TEXT NOT NULL
) STRICT, WITHOUT ROWID;
