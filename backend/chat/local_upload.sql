-- Files that are being uploaded from the screen for a message that is not sent yet.
CREATE TABLE chatlocal_upload(
  id     TEXT PRIMARY KEY,
  space  BLOB NOT NULL,
  name   TEXT NOT NULL,
  media  TEXT NOT NULL,
  width  INTEGER NOT NULL,
  height INTEGER NOT NULL,
  size   INTEGER NOT NULL,
  key    BLOB NOT NULL,
  file   BLOB NOT NULL,     -- blob.File once it is whole, else empty
  at     INTEGER NOT NULL   -- Unix ms
) STRICT, WITHOUT ROWID;

-- Their pieces, in order.
CREATE TABLE chatlocal_upload_piece(
  upload TEXT NOT NULL,
  n      INTEGER NOT NULL,
  hash   BLOB NOT NULL,
  PRIMARY KEY(upload, n)
) STRICT, WITHOUT ROWID;
