CREATE TABLE relay_meta(
  name  TEXT PRIMARY KEY, -- store: its ID; position: none up to this one is ever given again
  value ANY
) STRICT, WITHOUT ROWID;

CREATE TABLE relay_tenant(
  id        INTEGER PRIMARY KEY,
  tenant    BLOB NOT NULL UNIQUE,
  bytes     INTEGER NOT NULL DEFAULT 0,
  envelopes INTEGER NOT NULL DEFAULT 0,
  chunks    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE relay_space(
  id     INTEGER PRIMARY KEY,
  space  BLOB NOT NULL UNIQUE,
  tenant INTEGER NOT NULL REFERENCES relay_tenant(id)
) STRICT;
CREATE INDEX relay_space_tenant ON relay_space(tenant);

CREATE TABLE relay_feed(
  id     INTEGER PRIMARY KEY,
  space  INTEGER NOT NULL REFERENCES relay_space(id),
  device BLOB NOT NULL,
  start  INTEGER NOT NULL,
  lane   INTEGER NOT NULL,
  seq    INTEGER NOT NULL DEFAULT 0, -- last that was swept; what is stored begins behind it
  head   BLOB,                       -- ID of that envelope, null when it is not known
  UNIQUE(space, device, start, lane)
) STRICT;

-- In the order of the store; pos and at only grow. The end of a feed is its
-- highest seq here: an append need not touch the feed's own row.
CREATE TABLE relay_envelope(
  pos   INTEGER PRIMARY KEY,
  space INTEGER NOT NULL,
  feed  INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  at    INTEGER NOT NULL, -- Unix ms
  bytes BLOB NOT NULL
) STRICT;
CREATE INDEX relay_envelope_space ON relay_envelope(space); -- each entry ends with pos
CREATE UNIQUE INDEX relay_envelope_feed ON relay_envelope(feed, seq);

CREATE TABLE relay_grant(
  space     INTEGER NOT NULL REFERENCES relay_space(id),
  version   INTEGER NOT NULL,
  bytes     BLOB NOT NULL,
  signature BLOB NOT NULL,
  PRIMARY KEY(space, version)
) STRICT;

-- Who has any right where, as the grants have made it.
CREATE TABLE relay_right(
  device BLOB NOT NULL,
  space  BLOB NOT NULL,
  rights INTEGER NOT NULL,
  PRIMARY KEY(device, space)
) STRICT, WITHOUT ROWID;

-- For which spaces a chunk was put.
CREATE TABLE relay_chunk(
  space INTEGER NOT NULL REFERENCES relay_space(id),
  hash  BLOB NOT NULL,
  at    INTEGER NOT NULL, -- Unix ms
  size  INTEGER NOT NULL,
  PRIMARY KEY(space, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX relay_chunk_hash ON relay_chunk(hash);

CREATE TABLE relay_body(
  id    INTEGER PRIMARY KEY,
  hash  BLOB NOT NULL UNIQUE,
  bytes BLOB -- null: in a file
) STRICT;

CREATE TABLE relay_record(
  kind  TEXT NOT NULL,
  key   TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY(kind, key)
) STRICT, WITHOUT ROWID;
