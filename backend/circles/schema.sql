-- From which workspace people of circles say they come.
CREATE TABLE circles_origin(
  space  BLOB NOT NULL,
  person BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  device BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  name   TEXT NOT NULL,
  PRIMARY KEY(space, person)
) STRICT, WITHOUT ROWID;
