CREATE TABLE chat_space(
  space     BLOB PRIMARY KEY,
  kind      INTEGER NOT NULL,
  workspace BLOB NOT NULL,          -- itself for a workspace
  other     BLOB NOT NULL,          -- direct: the other person, else empty
  active    INTEGER NOT NULL,       -- whether we belong to it
  joined    INTEGER NOT NULL,       -- our joining, Unix ms
  members   INTEGER NOT NULL        -- present members
) STRICT, WITHOUT ROWID;

CREATE TABLE chat_naming(
  space  BLOB PRIMARY KEY,
  stamp  INTEGER NOT NULL,
  device BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  name   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Feeds by the number that messages refer to (feedNumber).
CREATE TABLE chat_feed(
  feed   INTEGER PRIMARY KEY,
  space  BLOB NOT NULL,
  device BLOB NOT NULL,
  start  INTEGER NOT NULL,
  person BLOB NOT NULL
) STRICT;
CREATE INDEX chat_feed_space ON chat_feed(space);

CREATE TABLE chat_message(
  space INTEGER NOT NULL,  -- chat_room.id
  stamp INTEGER NOT NULL,
  feed  INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  flags INTEGER NOT NULL,  -- 1: clock ahead, 2: early
  text  TEXT NOT NULL,
  PRIMARY KEY(space, stamp, feed, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_message_feed ON chat_message(feed, seq);
CREATE INDEX chat_message_early ON chat_message(space) WHERE flags >= 2;

-- Short names of spaces, so that a message row does not carry 32 bytes twice.
CREATE TABLE chat_room(
  id    INTEGER PRIMARY KEY,
  space BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE chat_read(
  space  BLOB NOT NULL,
  person BLOB NOT NULL,
  device BLOB NOT NULL,
  start  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  PRIMARY KEY(space, person, device, start)
) STRICT, WITHOUT ROWID;

-- Attachments of messages. What is here of them is package blobs' business.
CREATE TABLE chat_attachment(
  space  INTEGER NOT NULL,  -- chat_room.id
  stamp  INTEGER NOT NULL,
  feed   INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  n      INTEGER NOT NULL,  -- place in the message
  name   TEXT NOT NULL,
  media  TEXT NOT NULL,
  width  INTEGER NOT NULL,
  height INTEGER NOT NULL,
  size   INTEGER NOT NULL,
  file   BLOB NOT NULL,     -- blob.File
  PRIMARY KEY(space, stamp, feed, seq, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_attachment_tree ON chat_attachment(size) WHERE size > 67108864;

-- Which messages are notes of a meeting, and when in it they were written.
CREATE TABLE chat_note(
  space INTEGER NOT NULL,   -- chat_room.id
  stamp INTEGER NOT NULL,
  feed  INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  call  BLOB NOT NULL,
  at    INTEGER NOT NULL,   -- ms since the meeting began
  PRIMARY KEY(space, stamp, feed, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_note_call ON chat_note(call);

-- Pieces that messages name: who belongs to the space may have them.
CREATE TABLE chat_piece(
  hash  BLOB NOT NULL,
  space INTEGER NOT NULL,   -- chat_room.id
  stamp INTEGER NOT NULL,
  feed  INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  PRIMARY KEY(hash, space, stamp, feed, seq)
) STRICT, WITHOUT ROWID;
