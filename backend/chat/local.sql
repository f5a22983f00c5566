-- What this device's person has read here, told to others or not.
CREATE TABLE chatlocal_read(
  space  BLOB NOT NULL,
  device BLOB NOT NULL,
  start  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  PRIMARY KEY(space, device, start)
) STRICT, WITHOUT ROWID;

-- Direct conversations opened here before anything was written in them.
CREATE TABLE chatlocal_opened(
  space BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
