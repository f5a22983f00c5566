-- Links for parties from outside that this device made.
CREATE TABLE contractsoutside_invite (
  space  BLOB NOT NULL,
  invite BLOB NOT NULL,
  party  INTEGER NOT NULL,
  PRIMARY KEY (space, invite)
) STRICT, WITHOUT ROWID;
