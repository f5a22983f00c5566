// Package eventlog keeps the log of every space: feeds of envelopes, verified,
// authorised, ordered and stored, and handed to whoever follows.
//
// # The path of an event
//
// A local event (Append, Change, Create) and a foreign one (Prepare, Ingest)
// take the same path:
//
//	verify      the run chains to the feed's head and its last signature verifies
//	open        with the epoch key, if it is there
//	authorise   control events enter the space's machine; content is judged by its state
//	store       into log_event with the next position, or into log_aside
//	follow      projections apply it, in the same transaction
//	announce    after the commit: replication, screen
//
// What cannot count yet waits in log_aside with a reason: its key, its parents or
// its author's admission is missing, or an earlier event of its feed waits. It
// is kept and handed on to others all the same. When a key or a control event
// arrives, what waits is tried again. What lies beyond a removal is void: it is
// set aside too and the tables of its space are replayed without it.
//
// # Memory and disk
//
// Heads, machines and keys of all spaces stand in memory and are changed only by
// the store's writer. A write that is undone reloads the spaces it touched.
// Digests, vectors and acknowledgements speak of what is on disk only.
//
// # Forks
//
// A device that signed two different envelopes with one sequence is faulty or
// was restored from an old copy. The two are kept as evidence, the feed is
// frozen where it is, the screen is told. If the device is this one, it goes on
// in a new feed.
package eventlog
