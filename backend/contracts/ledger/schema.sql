-- Entries of this device's own log, by their index in it. hash names an entry in the next one of its contract.
CREATE TABLE evidence_leaf(
	idx INTEGER PRIMARY KEY,
	contract TEXT NOT NULL,
	text BLOB NOT NULL,
	hash BLOB NOT NULL
) STRICT;
CREATE INDEX evidence_leaf_contract ON evidence_leaf(contract, idx);

-- Hashes of the tree, by tlog's index of them.
CREATE TABLE evidence_hash(at INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;

-- The latest state of others' logs that this device has signed as a witness.
CREATE TABLE evidence_witnessed(
	origin TEXT PRIMARY KEY,
	size INTEGER NOT NULL,
	root BLOB NOT NULL
) STRICT, WITHOUT ROWID;
