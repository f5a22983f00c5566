-- The end of the chain in which this device saw a contract complete, with its document in hand. It stays, whatever is said later.
CREATE TABLE contractslocal_pin (
  space BLOB PRIMARY KEY,
  head  BLOB NOT NULL -- the ID of its event
) STRICT, WITHOUT ROWID;
