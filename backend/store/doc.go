// Package store is the one database of a profile: SQLite in WAL mode with
// synchronous=FULL, one goroutine that writes and several connections that read.
//
// Writes are grouped: whatever waits while a commit is being flushed shares the
// next one. Each write runs under its own savepoint, so that one that fails
// takes nothing with it. When Write returns nil, the change is on disk and
// survives loss of power.
//
// Rules for SQL: it lives in files next to the package whose tables it makes;
// tables are STRICT and carry the package's name as prefix; no package reads
// another's tables.
package store
