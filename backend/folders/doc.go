// Package folders is shared folders: a folder of one computer that others keep too,
// or only list. The screen calls it Folders.
//
// # A folder is a space
//
// A shared folder is a space of kind folder in a workspace. Owners and admins manage
// it, members read and write, guests read: what a guest writes never counts
// (package space).
//
// # Events (content lane of the folder's space)
//
//	folders.entries_changed  {entries}   files, folders and links that are others now
//	folders.named            {name}      the latest counts
//	folders.chunks_packed    {packs}     which chunks lie in which sealed packs at relays
//
// An entry is a path, what lies there (kind, content, time, mark) and the versions
// that its author had seen there. A version is named by its place in the log, so
// nobody chooses its name. Content is a list of chunks (package blob/chunk); the
// bytes are never in the log.
//
// # What stands at a path
//
// A version that another one replaces is history. Of those that nobody replaced the
// same one stands on every device (version.outranks). Where two were written at the
// same time, whoever has the other one on its disk keeps it under a name with who
// and when, and says so in an entry that takes the place of the other one: a conflict is an
// ordinary file, seen by everybody, that says what it is a copy of. A removal never beats work
// that it had not seen.
//
// # On this disk
//
// The file in the folder is itself the store of its chunks: an index leads from a
// chunk to a file and a place (local.sql), and whoever reads a chunk checks its name.
// Two goroutines keep a folder (keeper): one surveys the disk and says what it finds
// (survey.go, say.go), one puts on the disk what the log says (pull.go, fetch.go,
// land.go). Both hold keeper.ground while they change the disk and what is known of
// it together, and both look again at what they change: no byte is overwritten that
// was not looked at. What a new version or a removal takes the place of goes into the
// bin, .roundtable/bin, for as long as the person says, and serves its chunks there.
//
// A file is put together in .roundtable/drafts, flushed, and moved to its name in one
// step. A crash anywhere leaves a draft, which is gone on with, or a file that the next
// survey finds to be what the log says.
//
// A disk that is not there has deleted nothing: every survey looks at
// .roundtable/folder before and after.
//
// # Who gets what from whom
//
// Linked members are asked for chunks, several at a time, each chunk from one of
// them and from another one when that has it not (gather.go, package transfer). What
// members who are away lack is packed, sealed and put into the workspace's relays
// after ten seconds (deposit.go); the log tells members where it lies. A device that
// has everything tells the others how far (held.go): that is what "with 3 devices" on
// the screen rests on.
package folders
