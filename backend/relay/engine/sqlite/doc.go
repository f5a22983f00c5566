// Package sqlite is the engine that needs nothing installed: one folder with a
// database (package store: one writer, fsync before the answer) and files of
// chunks.
//
// Appends from everywhere meet in one queue; what waits while a commit is being
// flushed shares the next one, judged in memory and written under one savepoint.
// A position of the store, one number for all spaces, is an envelope's cursor.
// What is small stands in the database, where it shares a flush with others;
// large chunks stand in files, which are written once and give their room back.
//
// Heads are read when somebody asks or appends, and kept for the spaces that
// were used last; nothing is read at the start but where the store ends.
package sqlite
