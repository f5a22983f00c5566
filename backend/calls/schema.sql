-- Conversations, by workspace.
CREATE TABLE calls_space(
  space     BLOB PRIMARY KEY,
  workspace BLOB NOT NULL,          -- itself for a workspace
  kind      INTEGER NOT NULL,
  active    INTEGER NOT NULL        -- whether we belong to it
) STRICT, WITHOUT ROWID;

CREATE TABLE calls_started(
  call    BLOB PRIMARY KEY,         -- the hash of space and start
  space   BLOB NOT NULL,
  person  BLOB NOT NULL,
  stamp   INTEGER NOT NULL,
  video   INTEGER NOT NULL,
  planned BLOB NOT NULL             -- the meeting it was begun for, else zeros
) STRICT, WITHOUT ROWID;
CREATE INDEX calls_started_space ON calls_started(space, stamp);
CREATE INDEX calls_started_planned ON calls_started(planned);

-- Calls are named in events of whoever was in them: which came first does not matter.
CREATE TABLE calls_ended(
  space BLOB NOT NULL,
  call  BLOB NOT NULL,
  stamp INTEGER NOT NULL,           -- the latest
  PRIMARY KEY(space, call)
) STRICT, WITHOUT ROWID;

CREATE TABLE calls_there(
  space  BLOB NOT NULL,
  call   BLOB NOT NULL,
  person BLOB NOT NULL,
  PRIMARY KEY(space, call, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE calls_declined(
  space  BLOB NOT NULL,
  call   BLOB NOT NULL,
  person BLOB NOT NULL,
  PRIMARY KEY(space, call, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE calls_planned(
  meeting BLOB PRIMARY KEY,         -- the event's ID
  space   BLOB NOT NULL,
  person  BLOB NOT NULL,
  title   TEXT NOT NULL,
  begin   INTEGER NOT NULL,         -- Unix ms
  end     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX calls_planned_space ON calls_planned(space, begin);

-- Who said that a meeting is cancelled; whether they may is asked when it is shown.
CREATE TABLE calls_cancelled(
  space   BLOB NOT NULL,
  meeting BLOB NOT NULL,
  person  BLOB NOT NULL,
  PRIMARY KEY(space, meeting, person)
) STRICT, WITHOUT ROWID;

-- Which meeting the space of a meeting with guests belongs to. Everybody in that space could say so; the first that was
-- said by who administers it counts, which is asked when it is read.
CREATE TABLE calls_opened(
  space        BLOB NOT NULL,
  stamp        INTEGER NOT NULL,
  device       BLOB NOT NULL,
  seq          INTEGER NOT NULL,
  person       BLOB NOT NULL,
  conversation BLOB NOT NULL,
  call         BLOB NOT NULL,
  planned      BLOB NOT NULL,
  PRIMARY KEY(space, stamp, device, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX calls_opened_conversation ON calls_opened(conversation);
