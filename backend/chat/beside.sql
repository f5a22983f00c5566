-- In which workspace this device shows a conversation that lies in none.
CREATE TABLE chatbeside_place(
  space     BLOB PRIMARY KEY,
  workspace BLOB NOT NULL
) STRICT, WITHOUT ROWID;
