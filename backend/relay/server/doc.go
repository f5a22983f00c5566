// Package server is the relay itself: it proves devices, keeps access lists,
// judges who may read and write, and hands everything else to an engine.
//
// # Memory
//
// Thirty thousand idle devices shall fit into a small machine, so an idle
// connection is one goroutine blocked in a read, one small struct and its TLS
// state: the WebSocket framing is our own (socket.go) and has no buffers; the
// goroutine that reads never decodes (a request runs on a goroutine of its own,
// whose stack dies with it); writers are borrowed from a pool while there is
// something to write (writers.go); one wheel pings everybody (wheel.go).
//
// What devices can make the relay hold is bounded: messages on their way in and
// pages on their way out share one budget (budget.go), news that a device does
// not take are dropped and replaced by News.Behind, frames and presence are
// dropped, and a device that takes nothing at all is closed.
//
// # Order
//
// Requests of a connection run side by side, at most Limits.InFlight, but
// requests that change the same space run one after the other, as do frames.
// Locks are taken in the order Server.mu, topic.mu, conn.mu.
//
// # Several processes
//
// Over a shared engine everything that is stored meets: envelopes, grants, chunks,
// tenants. Frames, presence and circuits meet in one process only, unless
// Options.Bus carries them between processes.
package server
