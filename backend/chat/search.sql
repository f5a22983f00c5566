-- What messages are found by. Not of the projection: it follows chat_unindexed in the background, and what it names and
-- is not there (recalled, forgotten) is not found. A row grows with the time of its message, so that the newest come first.
CREATE TABLE chatsearch_row(
  row  INTEGER PRIMARY KEY,
  feed INTEGER NOT NULL,
  seq  INTEGER NOT NULL,
  UNIQUE(feed, seq)
) STRICT;
-- marks: m any message, s… its space, p… its author, f it has files. See package search.
CREATE VIRTUAL TABLE chatsearch_text USING fts5(pairs, singles, marks, content='', contentless_delete=1, tokenize='ascii');
-- Words in the order in which they were first used, which is about how common they are.
CREATE TABLE chatsearch_word(
  id   INTEGER PRIMARY KEY,
  word TEXT NOT NULL UNIQUE
) STRICT;
