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
// Locks are taken in the order cluster.out, roll.mu, Server.mu, topic.mu, conn.mu.
//
// # Several processes
//
// Processes over one engine are interchangeable: a device may come to any, and its
// next connection, or its circuit's socket, to another. What is stored meets in the
// engine: envelopes, grants, chunks, tenants, the secret of TURN. What is not
// travels over Options.Bus (cluster.go):
//
//	presence   each process tells the others its devices, gathered and numbered, and
//	           beats; what got lost is asked for; who is silent is gone (roster.go, told.go)
//	one place  a newer connection of a device, dialled under the same name, ends the
//	           older one at whichever process; stamps say which is newer
//	frames     go once to each process with receivers, which looks at the list itself
//	dialling   the process where the other device is hands it its ticket (elsewhere.go)
//	circuits   a ticket names the process that gave it; one that is shown elsewhere
//	           becomes a bridge to there, within a window (bridge.go)
//	removals   each process hears of each grant from the engine, and cuts what it holds
//
// What remains with a process: its limits, which protect it; a visitor's list of
// whom it may dial, which lives and ends with its connection; TURN allocations,
// which are UDP ports of one machine.
package server
