-- What is on this disk, and what this person wants of it; never from the log.

-- Folders that are kept here. mode: 2 whole, 3 chosen. root is an absolute path; mark is
-- what lies in its .roundtable/folder: another disk at the same place is not this folder.
CREATE TABLE folderslocal_place(
	row INTEGER PRIMARY KEY,
	space BLOB NOT NULL UNIQUE,
	root TEXT NOT NULL,
	mark TEXT NOT NULL,
	mode INTEGER NOT NULL,
	paused INTEGER NOT NULL DEFAULT 0,
	keep_days INTEGER NOT NULL DEFAULT 30,
	keep_bytes INTEGER NOT NULL DEFAULT 0,
	-- taken is set once everything that lay there at first was compared with the log.
	taken INTEGER NOT NULL DEFAULT 0,
	since INTEGER NOT NULL
) STRICT;

-- What is kept apart from the rest, or left out: the longest path that fits decides.
CREATE TABLE folderslocal_chosen(
	place INTEGER NOT NULL, path TEXT NOT NULL, keep INTEGER NOT NULL,
	PRIMARY KEY(place, path)
) STRICT, WITHOUT ROWID;

-- Files, folders and links on the disk as they were when they were last looked at.
-- lies: '' for what stands at its path, else where it lies in the bin. version: which
-- version of the log it is, empty while it is none. body: as in folders_version.
CREATE TABLE folderslocal_file(
	row INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: chunks of what is gone are nobody else's
	place INTEGER NOT NULL,
	parent TEXT NOT NULL, name TEXT NOT NULL,
	lies TEXT NOT NULL,
	version BLOB NOT NULL,
	kind INTEGER NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, exec INTEGER NOT NULL,
	body BLOB NOT NULL,
	inode INTEGER NOT NULL, changed INTEGER NOT NULL,
	binned INTEGER NOT NULL DEFAULT 0, -- Unix ms
	-- settled is 0 until its content is safe from a loss of power: after one it is read again.
	settled INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX folderslocal_stands ON folderslocal_file(place, parent, name) WHERE lies = '';
CREATE INDEX folderslocal_unsettled ON folderslocal_file(place) WHERE settled = 0;
CREATE INDEX folderslocal_binned ON folderslocal_file(place, binned) WHERE lies <> '';

-- Where chunks lie on this disk: the file itself is the store. A row may be out of
-- date; whoever reads checks the name of what it read.
CREATE TABLE folderslocal_chunk(
	id BLOB NOT NULL, file INTEGER NOT NULL, at INTEGER NOT NULL,
	PRIMARY KEY(id, file, at)
) STRICT, WITHOUT ROWID;

-- Lists of chunks of large files.
CREATE TABLE folderslocal_node(
	place INTEGER NOT NULL, id BLOB NOT NULL, body BLOB NOT NULL,
	PRIMARY KEY(place, id)
) STRICT, WITHOUT ROWID;

-- How far other members' devices hold the content that feeds of this device told of.
CREATE TABLE folderslocal_held(
	space BLOB NOT NULL, device BLOB NOT NULL, start INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
	PRIMARY KEY(space, device, start)
) STRICT, WITHOUT ROWID;
