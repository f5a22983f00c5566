// Package blobs moves the pieces of files (package blob) between devices: from
// those who have them to those who want them, and into depots (relays) for those
// who are away.
//
// # blob/1
//
// One stream carries questions and answers in turn (message.go): which of these
// pieces do you have, and give me this one. A device answers only to devices that
// the log shares the space with, and only for pieces that this space refers to: to
// know a hash is not enough.
//
// # Fetching
//
// A file that is wanted stays wanted until it is here or somebody stops it; that
// is kept in a table, so it goes on after a restart, from the pieces on disk. In
// one round linked devices are asked first, the author's before others, several at
// a time, each piece from one of them and from another one when that fails; what
// none of them gives is asked of the depots. Every piece is hashed before it is
// kept. When nobody has what is missing the file waits, and the next link or
// depot, or a while, begins another round.
//
// # Depositing
//
// The pieces of files that were sent from this device are put into every depot of
// the space, in the background; also that is kept in a table until it is done.
//
// # Sweeping
//
// Once a day, what no space refers to any more is noted, and removed when that was
// so for a week. Nothing is swept while the tables of the features may be incomplete.
package blobs
