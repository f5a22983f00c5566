// Package replication keeps the logs of two linked devices equal, whatever the
// link is.
//
// One talk ("repl/1") runs per link; frames are CBOR messages (message.go):
//
//	spaces   the spaces we share, each with the digest of its frontier
//	buckets  digests differ: the sums of the 256 buckets
//	heads    entries of the frontier: what is on the sender's disk; also the acknowledgement
//	push     new envelopes for somebody who has all that comes before
//	need     epochs whose keys are missing
//	give     a box with keys
//	gone     the space is not for you
//
// What the other side has and we lack is fetched over streams of their own
// ("fetch/1"), so that bulk never delays what is typed now: control feeds
// first and whole; then, when much is missing, the newest of every feed for the
// screen; then the rest, in order. Everything is verified where it arrives;
// interrupted anywhere, it goes on from what is on disk. A feed is fetched from
// one device at a time; several devices share the work feed by feed.
//
// A device that was removed is told of it: it may fetch the control events up to
// its removal (which it was a member for), and nothing else.
//
// An author pushes to everybody it is linked to. Others only say what they hold;
// who lacks it waits a moment for the author's own push before fetching.
package replication
