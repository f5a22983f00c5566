-- Calls that this device was in, and when it last was: what a crash leaves without an end is ended at the next start.
CREATE TABLE callslocal_been(
  call  BLOB PRIMARY KEY,
  space BLOB NOT NULL,
  last  INTEGER NOT NULL            -- Unix ms
) STRICT, WITHOUT ROWID;

-- Missed calls that were looked at.
CREATE TABLE callslocal_seen(
  call BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
