-- Contracts: the spaces, and who made them.
CREATE TABLE contracts_space (
  space     BLOB PRIMARY KEY,
  kind      INTEGER NOT NULL,
  workspace BLOB NOT NULL,
  sender    BLOB NOT NULL,
  active    INTEGER NOT NULL -- we belong to it
) STRICT, WITHOUT ROWID;
-- Bodies of events that make sense, as they came. What one means depends on all others, which may come later.
CREATE TABLE contracts_event (
  id     BLOB PRIMARY KEY,
  space  BLOB NOT NULL,
  kind   TEXT NOT NULL,
  stamp  INTEGER NOT NULL,
  device BLOB NOT NULL,
  start  INTEGER NOT NULL, -- of its feed
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,
  body   BLOB NOT NULL
) STRICT;
CREATE INDEX contracts_event_space ON contracts_event (space, seq, stamp, id);
CREATE INDEX contracts_event_feed ON contracts_event (space, device, start, kind, seq);
-- What became of each (package flow), for lists.
CREATE TABLE contracts_row (
  space     BLOB PRIMARY KEY,
  workspace BLOB NOT NULL,
  title     TEXT NOT NULL,
  phase     INTEGER NOT NULL,
  sender    BLOB NOT NULL,
  sent      INTEGER NOT NULL, -- Unix ms, as all times here
  deadline  INTEGER NOT NULL,
  ends      INTEGER NOT NULL,
  completed INTEGER NOT NULL,
  changed   INTEGER NOT NULL,
  document  TEXT NOT NULL,    -- its name
  sha256    BLOB NOT NULL     -- of the latest version
) STRICT, WITHOUT ROWID;
CREATE TABLE contracts_party (
  space    BLOB NOT NULL,
  party    INTEGER NOT NULL,
  role     INTEGER NOT NULL,
  person   BLOB NOT NULL,
  name     TEXT NOT NULL,
  standing INTEGER NOT NULL,
  PRIMARY KEY (space, party)
) STRICT, WITHOUT ROWID;
-- Seals that somebody is asked to apply.
CREATE TABLE contracts_asked (
  id     BLOB PRIMARY KEY,
  space  BLOB NOT NULL,
  holder BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contracts_asked_space ON contracts_asked (space);
-- Pieces that events name openly.
CREATE TABLE contracts_piece (
  hash  BLOB NOT NULL,
  space BLOB NOT NULL,
  PRIMARY KEY (hash, space)
) STRICT, WITHOUT ROWID;
CREATE INDEX contracts_piece_space ON contracts_piece (space);
-- Files with lists of pieces among them.
CREATE TABLE contracts_tree (
  id    BLOB NOT NULL,
  space BLOB NOT NULL,
  file  BLOB NOT NULL,
  PRIMARY KEY (id, space)
) STRICT, WITHOUT ROWID;
