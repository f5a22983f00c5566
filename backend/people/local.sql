-- Links of invites made on this device: they hold the secret, which is in no log.
CREATE TABLE peoplelocal_invite(
  space  BLOB NOT NULL,
  invite BLOB NOT NULL,
  link   TEXT NOT NULL,
  PRIMARY KEY(space, invite)
) STRICT, WITHOUT ROWID;
