-- How conversations stand in the list of this device's person.
CREATE TABLE chatlocal_kept(
  space    BLOB PRIMARY KEY,
  pinned   INTEGER NOT NULL, -- place among the pinned ones from 1, 0: not pinned
  muted    INTEGER NOT NULL, -- until when, Unix ms; -1: always, 0: not
  everyone INTEGER NOT NULL, -- mentions of everybody count while it is muted
  archived INTEGER NOT NULL,
  stamp    INTEGER NOT NULL, -- of the last message when it was put away
  unread   INTEGER NOT NULL, -- how many were unread then
  gone     INTEGER NOT NULL  -- we left by ourselves
) STRICT, WITHOUT ROWID;
