// Package transfer carries the content of shared folders between two devices.
//
// # folder/1
//
// One stream carries questions and answers in turn, many questions under way at a
// time (message.go). A question asks for chunks of a space by name, or tells how far
// the content of the other side's feeds is held here: that is what "everybody has
// it" on the screen rests on. A device answers only to devices that the log shares
// the space with, and only with chunks of that space's folder: to know a name is
// not enough.
//
// Links are encrypted between proven devices of members, so chunks travel as they
// are; over a relay's circuit that is encryption end to end as well. Between
// networks an answer may be compressed; on a local one that costs more than it saves.
package transfer
