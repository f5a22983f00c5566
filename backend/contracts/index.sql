-- Texts of documents, page by page, as the screen read them; sha256 is of the document they were read from.
CREATE TABLE contractslocal_read (
  space  BLOB PRIMARY KEY,
  sha256 BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE contractslocal_page (
  row   INTEGER PRIMARY KEY,
  space BLOB NOT NULL,
  page  INTEGER NOT NULL,
  text  TEXT NOT NULL,
  UNIQUE (space, page)
) STRICT;
-- By rows of contractslocal_page; see package search.
CREATE VIRTUAL TABLE contractslocal_text USING fts5(pairs, singles, content='', contentless_delete=1, tokenize='ascii');
