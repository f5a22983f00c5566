CREATE TABLE relaying_cursor(
  relay  BLOB NOT NULL, -- address ID
  space  BLOB NOT NULL,
  store  BLOB NOT NULL, -- whose cursor it is
  cursor BLOB NOT NULL,
  PRIMARY KEY(relay, space)
) STRICT, WITHOUT ROWID;

CREATE TABLE relaying_store(
  relay BLOB PRIMARY KEY,
  store BLOB NOT NULL
) STRICT, WITHOUT ROWID;
