-- Workspaces and registers.
CREATE TABLE office_space(
  space     BLOB PRIMARY KEY,
  kind      INTEGER NOT NULL,       -- as in package space
  workspace BLOB NOT NULL           -- itself for a workspace
) STRICT, WITHOUT ROWID;

-- Who belongs to one, and did.
CREATE TABLE office_member(
  space  BLOB NOT NULL,
  person BLOB NOT NULL,
  peak   INTEGER NOT NULL,          -- the highest role ever held
  active INTEGER NOT NULL,
  PRIMARY KEY(space, person)
) STRICT, WITHOUT ROWID;

-- What was said, in the order in which it is judged. Which of it counts depends on the rest, on members and on
-- signatures, and is worked out when it is asked.
CREATE TABLE office_said(
  space  BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  device BLOB NOT NULL,
  start  INTEGER NOT NULL,          -- of the feed
  seq    INTEGER NOT NULL,
  id     BLOB NOT NULL,             -- the event's
  person BLOB NOT NULL,
  kind   TEXT NOT NULL,
  body   BLOB NOT NULL,
  PRIMARY KEY(space, stamp, device, start, seq)
) STRICT, WITHOUT ROWID;
