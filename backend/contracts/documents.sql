-- Documents that were brought in and are not used yet. Their bytes lie in the folder "uploads", by ID.
CREATE TABLE contractslocal_upload (
  id       TEXT PRIMARY KEY,
  name     TEXT NOT NULL,
  size     INTEGER NOT NULL,
  received INTEGER NOT NULL, -- so many bytes are on disk
  at       INTEGER NOT NULL  -- Unix ms
) STRICT, WITHOUT ROWID;
-- Contracts that are not sent. Their documents lie in the folder "drafts", by ID. body is roundtable.v1.ContractDraft.
CREATE TABLE contractslocal_draft (
  id        TEXT PRIMARY KEY,
  workspace BLOB NOT NULL,
  changed   INTEGER NOT NULL, -- Unix ms
  body      BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- Templates of one's own, in Markdown.
CREATE TABLE contractslocal_template (
  id       TEXT PRIMARY KEY,
  changed  INTEGER NOT NULL, -- Unix ms
  language TEXT NOT NULL,
  title    TEXT NOT NULL,
  summary  TEXT NOT NULL,
  markdown TEXT NOT NULL
) STRICT, WITHOUT ROWID;
