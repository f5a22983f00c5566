// Package fsck checks a profile that no program is using, and changes nothing
// in it: all work is done on a copy of the database in a temporary folder.
//
//	database    SQLite reads every page and index
//	log         every envelope is whole, follows the one before, opens; the last
//	            signature of each feed verifies; ends and sequences are as noted
//	space       members and roles can be worked out, and agree with what counts
//	projection  every table is what a rebuild from the log makes
//	file        identity and keys are readable, and by nobody else
//
// What it prints holds no secret and no message.
package fsck
