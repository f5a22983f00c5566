CREATE TABLE log_space(
  id    INTEGER PRIMARY KEY,
  space BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE log_feed(
  id     INTEGER PRIMARY KEY,
  space  INTEGER NOT NULL REFERENCES log_space(id),
  device BLOB NOT NULL,
  start  INTEGER NOT NULL,
  lane   INTEGER NOT NULL,
  seq    INTEGER NOT NULL DEFAULT 0, -- last sequence held
  head   BLOB,                       -- ID of that envelope
  frozen INTEGER NOT NULL DEFAULT 0, -- 1 after a fork
  UNIQUE(space, device, start, lane)
) STRICT;

-- What counts, in the order in which it came to count.
CREATE TABLE log_event(
  pos   INTEGER PRIMARY KEY,
  feed  INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  clamp INTEGER,          -- stamp to use instead of one that lay too far ahead
  bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX log_event_feed ON log_event(feed, seq);

-- What does not count (yet), with the reason.
CREATE TABLE log_aside(
  feed   INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  bytes  BLOB NOT NULL,
  PRIMARY KEY(feed, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_epoch(
  space INTEGER NOT NULL REFERENCES log_space(id),
  epoch BLOB NOT NULL,
  key   BLOB NOT NULL,
  PRIMARY KEY(space, epoch)
) STRICT, WITHOUT ROWID;

-- Which device of another member is known to hold what of this device's feeds.
CREATE TABLE log_held(
  feed INTEGER NOT NULL,
  peer BLOB NOT NULL,
  seq  INTEGER NOT NULL,
  PRIMARY KEY(feed, peer)
) STRICT, WITHOUT ROWID;

-- Evidence: an envelope that we hold, and one that cannot follow it.
CREATE TABLE log_fork(
  feed   INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  ours   BLOB NOT NULL,
  theirs BLOB NOT NULL,
  PRIMARY KEY(feed)
) STRICT, WITHOUT ROWID;

-- own_since: feeds of this device that began earlier are not written to again,
-- because this database may not hold all that they contain.
CREATE TABLE log_meta(
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;
