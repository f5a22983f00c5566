package server

import (
	"log/slog"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/relay/bus"
)

// Options of a server.
type Options struct {
	// Name and Version are shown to devices and on the status page.
	Name, Version string
	// Hosts are the names under which the relay may be dialled, with or without a
	// port; none: under any.
	Hosts []string
	// MetricsElsewhere keeps /metrics off Handler; see Server.Metrics.
	MetricsElsewhere bool
	Clock            clock.Clock
	Log              *slog.Logger
	// Limits whose fields are zero become the defaults.
	Limits Limits
	// Turn is nil for a relay without STUN and TURN.
	Turn *TurnOptions
	// Bus joins the processes over one store; nil for a process alone. It is the
	// caller's to close, after Close.
	Bus bus.Bus
}

// Limits bound what devices and strangers can make a relay do. Zero is the default.
type Limits struct {
	// Connections bounds all of them, UnprovenPerIP those of one address that have
	// not shown a key yet.
	Connections, UnprovenPerIP int
	// ConnectsPerIP is how many connections a second one address may open, after a
	// first burst of eight times as many.
	ConnectsPerIP float64
	// InFlight bounds the requests of one connection that are worked on at a time,
	// Working those of all.
	InFlight, Working int
	// QueueBytes bounds what waits to be written to one device, answers apart.
	QueueBytes int
	// BudgetBytes bounds what large messages hold, on their way in and out.
	BudgetBytes int64
	// MessagesPerSecond and BytesPerSecond of one device, after a burst of four seconds' worth.
	MessagesPerSecond, BytesPerSecond float64
	// VisitorMessages per second of a device that is on no list.
	VisitorMessages float64
	// FrameFanout bounds the receivers of one frame; FramesPerSecond the deliveries
	// that one device causes.
	FrameFanout     int
	FramesPerSecond float64
	// Circuits of one device that were dialled at this process, and CircuitBytes per
	// second of one circuit and direction; 0 bytes: no bound.
	Circuits     int
	CircuitBytes float64
	// CircuitIdle ends a circuit on which nothing moved.
	CircuitIdle time.Duration
	// Bridges bounds the ends of circuits that are at another process.
	Bridges int
	// Beat is how often a process tells the others that it lives.
	Beat time.Duration
	// Watches bounds the watched devices over all connections.
	Watches int
	// Listed bounds the entries of access lists that are kept in memory.
	Listed int
	// Writing is how long a device may take nothing of what is written to it.
	Writing time.Duration
	// Idle replaces protocol.IdleAfter in tests.
	Idle time.Duration
	// Asking bounds one request's work.
	Asking time.Duration
	// Refresh is how often tenants and their use of the store are looked at again.
	Refresh time.Duration
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func (l Limits) withDefaults(idle time.Duration) Limits {
	return Limits{
		Connections:       or(l.Connections, 60_000),
		UnprovenPerIP:     or(l.UnprovenPerIP, 1000),
		ConnectsPerIP:     or(l.ConnectsPerIP, 500),
		InFlight:          or(l.InFlight, 8),
		Working:           or(l.Working, 2048),
		QueueBytes:        or(l.QueueBytes, 256<<10),
		BudgetBytes:       or(l.BudgetBytes, 128<<20),
		MessagesPerSecond: or(l.MessagesPerSecond, 2000),
		BytesPerSecond:    or(l.BytesPerSecond, 64<<20),
		VisitorMessages:   or(l.VisitorMessages, 5),
		FrameFanout:       or(l.FrameFanout, 4096),
		FramesPerSecond:   or(l.FramesPerSecond, 20_000),
		Circuits:          or(l.Circuits, 64),
		CircuitBytes:      l.CircuitBytes,
		CircuitIdle:       or(l.CircuitIdle, 3*time.Minute),
		Bridges:           or(l.Bridges, 4096),
		Beat:              or(l.Beat, 2*time.Second),
		Watches:           or(l.Watches, 2_000_000),
		Listed:            or(l.Listed, 600_000),
		Writing:           or(l.Writing, 30*time.Second),
		Idle:              or(l.Idle, idle),
		Asking:            or(l.Asking, 30*time.Second),
		Refresh:           or(l.Refresh, 10*time.Second),
	}
}
