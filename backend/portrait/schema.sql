-- The last picture of each person in a workspace. Not WITHOUT ROWID: rows are as large as pictures.
CREATE TABLE portrait_set(
  space   BLOB NOT NULL,
  person  BLOB NOT NULL,
  stamp   INTEGER NOT NULL,
  device  BLOB NOT NULL,
  seq     INTEGER NOT NULL,
  mark    TEXT NOT NULL,   -- names the picture by its bytes, empty: none
  picture BLOB NOT NULL,
  PRIMARY KEY(space, person)
) STRICT;
