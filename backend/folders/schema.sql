-- What the log says. Only projection.go writes here.

-- files and bytes are those of the versions that stand; told is how much was said.
CREATE TABLE folders_space(
	row INTEGER PRIMARY KEY,
	space BLOB NOT NULL UNIQUE,
	workspace BLOB NOT NULL DEFAULT x'',
	known INTEGER NOT NULL DEFAULT 0, -- its members are
	files INTEGER NOT NULL DEFAULT 0,
	bytes INTEGER NOT NULL DEFAULT 0,
	told INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE folders_member(
	space BLOB NOT NULL,
	person BLOB NOT NULL,
	role INTEGER NOT NULL,
	active INTEGER NOT NULL,
	PRIMARY KEY(space, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE folders_naming(
	space BLOB PRIMARY KEY,
	stamp INTEGER NOT NULL, device BLOB NOT NULL, seq INTEGER NOT NULL,
	name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE folders_feed(
	row INTEGER PRIMARY KEY,
	space BLOB NOT NULL, device BLOB NOT NULL, start INTEGER NOT NULL, person BLOB NOT NULL,
	UNIQUE(space, device, start)
) STRICT;

-- Every version of every path, which is parent and name ('' for the top). body: content
-- of a file, target of a link. state: 0 replaced, 1 beside another, 2 stands.
CREATE TABLE folders_version(
	folder INTEGER NOT NULL,
	parent TEXT NOT NULL, name TEXT NOT NULL,
	id BLOB NOT NULL,
	kind INTEGER NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, exec INTEGER NOT NULL,
	body BLOB NOT NULL,
	stamp INTEGER NOT NULL, feed INTEGER NOT NULL, seq INTEGER NOT NULL,
	state INTEGER NOT NULL,
	kept INTEGER NOT NULL, -- a copy took its place
	cause INTEGER NOT NULL, other TEXT NOT NULL,
	PRIMARY KEY(folder, parent, name, id)
) STRICT, WITHOUT ROWID;

-- Of the versions of a path that nobody replaced, the one that stands comes first, so
-- that another one costs the same however many there are: see standing.go.
CREATE INDEX folders_unreplaced ON folders_version(folder, parent, name, kept, kind = 0, kind <> 2, modified DESC, id DESC)
	WHERE state > 0 OR kept > 0;

-- Copies that a conflict made and that stand.
CREATE INDEX folders_copy ON folders_version(folder, other) WHERE cause = 2 AND state = 2;

-- What was removed, for the bin, and what was not because it lies elsewhere now.
CREATE INDEX folders_removed ON folders_version(folder, stamp) WHERE state = 2 AND kind = 0;
CREATE INDEX folders_moved ON folders_version(folder, other) WHERE cause = 1;

-- Which versions are replaced that have not come yet; kept: by a copy alone.
CREATE TABLE folders_foretold(
	folder INTEGER NOT NULL, path TEXT NOT NULL, id BLOB NOT NULL, kept INTEGER NOT NULL,
	PRIMARY KEY(folder, path, id)
) STRICT, WITHOUT ROWID;

-- One row for each event, for "who changed what lately".
CREATE TABLE folders_change(
	folder INTEGER NOT NULL, stamp INTEGER NOT NULL, feed INTEGER NOT NULL, seq INTEGER NOT NULL,
	what INTEGER NOT NULL, -- 1 added, 2 changed, 3 removed, 4 moved; several: 5, 6 added, 7 removed
	path TEXT NOT NULL, other TEXT NOT NULL, count INTEGER NOT NULL,
	PRIMARY KEY(folder, stamp, feed, seq)
) STRICT, WITHOUT ROWID;

-- Where chunks lie at the relays.
CREATE TABLE folders_pack(
	row INTEGER PRIMARY KEY,
	folder INTEGER NOT NULL, feed INTEGER NOT NULL, seq INTEGER NOT NULL, n INTEGER NOT NULL,
	file BLOB NOT NULL, chunks BLOB NOT NULL, zstd INTEGER NOT NULL,
	UNIQUE(folder, feed, seq, n)
) STRICT;
CREATE TABLE folders_packed(
	chunk BLOB NOT NULL, folder INTEGER NOT NULL, pack INTEGER NOT NULL,
	PRIMARY KEY(chunk, folder, pack)
) STRICT, WITHOUT ROWID;
CREATE TABLE folders_packed_upto(
	folder INTEGER NOT NULL, feed INTEGER NOT NULL, upto INTEGER NOT NULL,
	PRIMARY KEY(folder, feed)
) STRICT, WITHOUT ROWID;
