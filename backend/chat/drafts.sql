-- What this person has written here and not sent. An own table: the text of a message that was never said is in no log.
CREATE TABLE chatdraft_text(
  space    BLOB NOT NULL,
  thread   TEXT NOT NULL,      -- name of the thread on the door, "" for the conversation's own field
  changed  INTEGER NOT NULL,   -- Unix ms
  text     TEXT NOT NULL,
  reply    TEXT NOT NULL,      -- name of a message on the door, "" for none
  mentions BLOB NOT NULL,      -- CBOR, as in the event
  PRIMARY KEY(space, thread)
) STRICT, WITHOUT ROWID;
CREATE INDEX chatdraft_text_changed ON chatdraft_text(changed);
