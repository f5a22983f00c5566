-- Contracts that were sent from here with a seal over the edges of their pages: its use belongs into the register, also when the program ended before it was
-- written there.
CREATE TABLE contractslocal_straddle (
  space     BLOB PRIMARY KEY,
  workspace BLOB NOT NULL, -- whose seal it is: a contract with people from outside lies in none
  seal      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
