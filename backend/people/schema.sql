CREATE TABLE people_workspace(
  space  BLOB PRIMARY KEY,
  kind   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every naming, so that which one counts can follow the state of the space.
CREATE TABLE people_naming(
  space  BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  device BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,
  name   TEXT NOT NULL,
  PRIMARY KEY(space, stamp, device, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE people_member(
  space  BLOB NOT NULL,
  person BLOB NOT NULL,
  role   INTEGER NOT NULL,
  peak   INTEGER NOT NULL, -- highest role ever held
  active INTEGER NOT NULL,
  joined INTEGER NOT NULL, -- Unix ms
  PRIMARY KEY(space, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE people_profile(
  space      BLOB NOT NULL,
  person     BLOB NOT NULL,
  stamp      INTEGER NOT NULL,
  device     BLOB NOT NULL,
  seq        INTEGER NOT NULL,
  name       TEXT NOT NULL,
  title      TEXT NOT NULL,
  department TEXT NOT NULL,
  phone      TEXT NOT NULL,
  email      TEXT NOT NULL,
  PRIMARY KEY(space, person)
) STRICT, WITHOUT ROWID;

-- Every choice of relays; which one counts follows the state of the space.
CREATE TABLE people_relays(
  space  BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  device BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,
  relays BLOB NOT NULL, -- the body as it was written
  PRIMARY KEY(space, stamp, device, seq)
) STRICT, WITHOUT ROWID;
