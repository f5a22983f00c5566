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
  aside INTEGER NOT NULL,  -- 1: a reply that stands in its thread alone
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

-- What a message answers to: a message of the same space, which need not be here.
CREATE TABLE chat_reply(
  space INTEGER NOT NULL,   -- chat_room.id
  stamp INTEGER NOT NULL,
  feed  INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  rfeed INTEGER NOT NULL,
  rseq  INTEGER NOT NULL,
  PRIMARY KEY(space, stamp, feed, seq)
) STRICT, WITHOUT ROWID;

-- Whom messages mention: a person, or everybody (empty).
CREATE TABLE chat_mention(
  space  INTEGER NOT NULL,  -- chat_room.id
  stamp  INTEGER NOT NULL,
  feed   INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  n      INTEGER NOT NULL,  -- place in the list
  person BLOB NOT NULL,
  label  TEXT NOT NULL,
  PRIMARY KEY(space, stamp, feed, seq, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_mention_person ON chat_mention(space, person, stamp);

-- Where forwarded messages were before, as who forwarded them says.
CREATE TABLE chat_forward(
  space  INTEGER NOT NULL,  -- chat_room.id
  stamp  INTEGER NOT NULL,
  feed   INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,
  name   TEXT NOT NULL,
  at     INTEGER NOT NULL,  -- Unix ms
  PRIMARY KEY(space, stamp, feed, seq)
) STRICT, WITHOUT ROWID;

-- Replies, and where their threads began: at a message of the same space, which need not be here.
CREATE TABLE chat_thread(
  space INTEGER NOT NULL,   -- chat_room.id
  stamp INTEGER NOT NULL,
  feed  INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  rfeed INTEGER NOT NULL,
  rseq  INTEGER NOT NULL,
  shown INTEGER NOT NULL,   -- in the conversation, too
  PRIMARY KEY(space, stamp, feed, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_thread_root ON chat_thread(space, rfeed, rseq, stamp, feed, seq, shown);
CREATE INDEX chat_thread_feed ON chat_thread(space, feed);

-- How far people have read in threads.
CREATE TABLE chat_thread_read(
  space  INTEGER NOT NULL,  -- chat_room.id
  rfeed  INTEGER NOT NULL,  -- where the thread began
  rseq   INTEGER NOT NULL,
  person BLOB NOT NULL,
  feed   INTEGER NOT NULL,  -- whose replies
  seq    INTEGER NOT NULL,
  PRIMARY KEY(space, rfeed, rseq, person, feed)
) STRICT, WITHOUT ROWID;

-- Messages that hold several others, as who forwarded them says they were.
CREATE TABLE chat_record(
  space INTEGER NOT NULL,   -- chat_room.id
  stamp INTEGER NOT NULL,
  feed  INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  body  BLOB NOT NULL,      -- CBOR, as in the event
  PRIMARY KEY(space, stamp, feed, seq)
) STRICT, WITHOUT ROWID;

-- Messages that are not as they were posted (judge).
CREATE TABLE chat_changed(
  space    INTEGER NOT NULL, -- chat_room.id
  stamp    INTEGER NOT NULL,
  feed     INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  edited   INTEGER NOT NULL, -- stamp of the edit that counts, 0: none
  recaller BLOB NOT NULL,    -- who took it back, empty: nobody, zero: its author might not write it
  PRIMARY KEY(space, stamp, feed, seq)
) STRICT, WITHOUT ROWID;

-- The last edit of a message by each who tried; that of its author counts.
CREATE TABLE chat_edit(
  space    INTEGER NOT NULL, -- chat_room.id
  feed     INTEGER NOT NULL, -- the message
  seq      INTEGER NOT NULL,
  person   BLOB NOT NULL,
  stamp    INTEGER NOT NULL, -- the edit
  efeed    INTEGER NOT NULL,
  eseq     INTEGER NOT NULL,
  text     TEXT NOT NULL,
  mentions BLOB NOT NULL,    -- CBOR, as in the event
  PRIMARY KEY(space, feed, seq, person)
) STRICT, WITHOUT ROWID;

-- Recalls of a message, the first few by each who tried.
CREATE TABLE chat_recall(
  space  INTEGER NOT NULL,  -- chat_room.id
  feed   INTEGER NOT NULL,  -- the message
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,
  stamp  INTEGER NOT NULL,  -- the recall
  rfeed  INTEGER NOT NULL,
  rseq   INTEGER NOT NULL,
  PRIMARY KEY(space, feed, seq, person, stamp, rfeed, rseq)
) STRICT, WITHOUT ROWID;

-- How long messages of a workspace may be recalled.
CREATE TABLE chat_span(
  workspace BLOB NOT NULL,
  person    BLOB NOT NULL,
  stamp     INTEGER NOT NULL,
  feed      INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  seconds   INTEGER NOT NULL,
  PRIMARY KEY(workspace, person, stamp, feed, seq)
) STRICT, WITHOUT ROWID;

-- People who manage a space, or once did.
CREATE TABLE chat_admin(
  space  BLOB NOT NULL,
  person BLOB NOT NULL,
  PRIMARY KEY(space, person)
) STRICT, WITHOUT ROWID;

-- The last event of each person about its reactions to a message, and what it says.
CREATE TABLE chat_reacted(
  space  INTEGER NOT NULL,  -- chat_room.id
  feed   INTEGER NOT NULL,  -- the message
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  rfeed  INTEGER NOT NULL,
  rseq   INTEGER NOT NULL,
  PRIMARY KEY(space, feed, seq, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE chat_reaction(
  space  INTEGER NOT NULL,  -- chat_room.id
  feed   INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  emoji  TEXT NOT NULL,
  person BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  PRIMARY KEY(space, feed, seq, emoji, person)
) STRICT, WITHOUT ROWID;

-- The last word of each person about a pin; of those who may, the last counts.
CREATE TABLE chat_pin(
  space  INTEGER NOT NULL,  -- chat_room.id
  feed   INTEGER NOT NULL,  -- the message
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  pfeed  INTEGER NOT NULL,
  pseq   INTEGER NOT NULL,
  pinned INTEGER NOT NULL,
  PRIMARY KEY(space, feed, seq, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_pin_person ON chat_pin(space, person, stamp);

-- Messages whose text, files or being recalled the index of search may not know yet.
CREATE TABLE chat_unindexed(
  feed INTEGER NOT NULL,
  seq  INTEGER NOT NULL,
  PRIMARY KEY(feed, seq)
) STRICT, WITHOUT ROWID;

-- What people said of a group, the last few of each: its name (1), what it is about (2), its
-- picture (3). chat_naming and chat_face hold what counts of it.
CREATE TABLE chat_word(
  space  BLOB NOT NULL,
  about  INTEGER NOT NULL,
  person BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  device BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  value  BLOB NOT NULL,
  PRIMARY KEY(space, about, person, stamp, device, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE chat_face(
  space   BLOB PRIMARY KEY,
  topic   TEXT NOT NULL,
  mark    TEXT NOT NULL,   -- names the picture by its bytes, empty: none
  picture BLOB NOT NULL
) STRICT;

-- What people said of the rules of a conversation, the last few of each; of who manages it the last counts.
CREATE TABLE chat_rule(
  space     BLOB NOT NULL,
  person    BLOB NOT NULL,
  stamp     INTEGER NOT NULL,
  device    BLOB NOT NULL,
  seq       INTEGER NOT NULL,
  describes INTEGER NOT NULL,
  adds      INTEGER NOT NULL,
  pins      INTEGER NOT NULL,
  posts     INTEGER NOT NULL,
  replies   INTEGER NOT NULL,
  mentions  INTEGER NOT NULL,
  PRIMARY KEY(space, person, stamp, device, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_rule_stamp ON chat_rule(space, stamp);
