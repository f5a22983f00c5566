-- Rounds that were let before this device's person, or not (over), when they came.
CREATE TABLE dinglocal_came(
  space  BLOB NOT NULL,
  device BLOB NOT NULL,             -- the round
  start  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,             -- its author
  at     INTEGER NOT NULL,          -- Unix ms, by the clock here
  over   INTEGER NOT NULL,
  sounds INTEGER NOT NULL,          -- it came soon enough
  PRIMARY KEY(space, device, start, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX dinglocal_came_person ON dinglocal_came(person, at);

-- When this device learned that somebody's device holds a notice of ours.
CREATE TABLE dinglocal_delivered(
  space  BLOB NOT NULL,
  device BLOB NOT NULL,             -- the notice
  start  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,
  at     INTEGER NOT NULL,          -- Unix ms
  PRIMARY KEY(space, device, start, seq, person)
) STRICT, WITHOUT ROWID;
