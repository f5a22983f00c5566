-- What this device's person has read here in threads, told to others or not.
CREATE TABLE chatlocal_thread(
  space BLOB NOT NULL,
  rfeed INTEGER NOT NULL,  -- where the thread began
  rseq  INTEGER NOT NULL,
  feed  INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  PRIMARY KEY(space, rfeed, rseq, feed)
) STRICT, WITHOUT ROWID;
