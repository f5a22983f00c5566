-- Every statement as it was said; what they come to is folded in memory.
CREATE TABLE directory_said(
  space  BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  device BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,
  body   BLOB NOT NULL,
  PRIMARY KEY(space, stamp, device, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE directory_away(
  space    BLOB NOT NULL,
  person   BLOB NOT NULL,
  stamp    INTEGER NOT NULL,
  device   BLOB NOT NULL,
  seq      INTEGER NOT NULL,
  kind     INTEGER NOT NULL,
  from_day TEXT NOT NULL,
  to_day   TEXT NOT NULL,
  note     TEXT NOT NULL,
  PRIMARY KEY(space, person)
) STRICT, WITHOUT ROWID;

-- Keys of private fields, as they were wrapped for devices.
CREATE TABLE directory_vault(
  space  BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  device BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,
  body   BLOB NOT NULL,
  PRIMARY KEY(space, stamp, device, seq)
) STRICT, WITHOUT ROWID;

-- Keys of hidden fields, as they were handed on.
CREATE TABLE directory_keys(
  space  BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  device BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,
  body   BLOB NOT NULL,
  PRIMARY KEY(space, stamp, device, seq)
) STRICT, WITHOUT ROWID;
