-- The key of another device's log: the first that this witness was asked about. It signs for no other.
CREATE TABLE witnessedlocal_log (
  device BLOB PRIMARY KEY,
  log    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
