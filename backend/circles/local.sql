-- For whom a link was made, on the device that made it.
CREATE TABLE circleslocal_invite(
  space  BLOB NOT NULL,
  invite BLOB NOT NULL,
  name   TEXT NOT NULL,
  PRIMARY KEY(space, invite)
) STRICT, WITHOUT ROWID;
