-- What this device found of the bytes that events put behind a document: 1 good, 2 wrong. What is not here was not checked.
CREATE TABLE contractslocal_judged (
  space   BLOB NOT NULL,
  event   BLOB NOT NULL,
  verdict INTEGER NOT NULL,
  sha256  BLOB NOT NULL, -- of the document with them, as the event says
  subject TEXT NOT NULL, -- whom the certificate names
  PRIMARY KEY (space, event)
) STRICT, WITHOUT ROWID;
