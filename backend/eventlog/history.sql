-- Keys of single events whose epoch key this device may not have (decision 0066): the first 16 bytes of the event's ID.
CREATE TABLE log_single(
  space INTEGER NOT NULL REFERENCES log_space(id),
  event BLOB NOT NULL,
  key   BLOB NOT NULL,
  PRIMARY KEY(space, event)
) STRICT, WITHOUT ROWID;

-- What is derived from the first epoch key of a space, where that key itself is not for this device.
CREATE TABLE log_secret(
  space   INTEGER NOT NULL REFERENCES log_space(id),
  purpose TEXT NOT NULL,
  secret  BLOB NOT NULL,
  PRIMARY KEY(space, purpose)
) STRICT, WITHOUT ROWID;
