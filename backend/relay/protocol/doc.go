// Package protocol is what devices and relays say to each other; package relay
// tells the story. All limits on a relay's foreign bytes stand here.
package protocol

import "time"

const (
	// Path and CircuitPath are where the two kinds of WebSocket are served.
	Path        = "/v1"
	CircuitPath = "/v1/circuit"
	// Version of the protocol.
	Version = 1

	// MaxMessage bounds one message, in bytes.
	MaxMessage = 4 << 20
	// MaxChunk bounds one sealed chunk, in bytes.
	MaxChunk = 1<<20 + 4096
	// MaxFrame bounds one ephemeral frame, sealed, in bytes.
	MaxFrame = 24 << 10
	// MaxPublish bounds the envelopes of one Publish, MaxPublishBytes their bytes
	// unless it is a single one.
	MaxPublish      = 4096
	MaxPublishBytes = 2 << 20
	// MaxPage and MaxPageBytes bound what one Read gives.
	MaxPage      = 4096
	MaxPageBytes = 1 << 20
	// MaxHeads bounds the entries of one HeadList; more come in further pages.
	MaxHeads = 20_000
	// MaxEntries bounds the entries of one grant or of one page of a list.
	MaxEntries = 20_000
	// MaxListed bounds the devices on one access list.
	MaxListed = 200_000
	// MaxSubscriptions bounds the spaces that one connection subscribes to.
	MaxSubscriptions = 20_000
	// MaxWatched bounds the devices whose presence one connection follows.
	MaxWatched = 512
	// MaxHashes bounds the hashes of one Has.
	MaxHashes = 4096
	// MaxCursor bounds a cursor, in bytes.
	MaxCursor = 64
	// MaxHosts bounds the devices of one Hosts answer.
	MaxHosts = 8
	// MaxTicket is the life of a circuit's ticket.
	TicketLife = 20 * time.Second
	// HelloWithin is how long a device may take to prove its key.
	HelloWithin = 15 * time.Second
	// IdleAfter: the relay pings a connection that was silent so long, and closes it
	// when nothing comes back in time. Clients may ping more often, not less.
	IdleAfter = 90 * time.Second
)
