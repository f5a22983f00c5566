package wire

import "time"

// Every limit on foreign bytes stands here, so that one reading shows what a
// peer can make us spend. Sizes are bytes unless said otherwise.
const (
	// MaxEnvelope bounds one sealed event with its header and signature.
	MaxEnvelope = 1 << 20
	// MaxBody bounds the opened body of an event.
	MaxBody = MaxEnvelope - 4096
	// MaxMessageText bounds the UTF-8 text of one chat message (64 KiB).
	MaxMessageText = 64 << 10
	// MaxFrame bounds one frame of the replication, join and ephemeral conversations.
	MaxFrame = 4 << 20
	// MaxEphemeral bounds one ephemeral payload (typing, presence).
	MaxEphemeral = 16 << 10
	// MaxBeacon bounds a discovery datagram: it fits one Ethernet frame.
	MaxBeacon = 1200
	// MaxName bounds names of people, workspaces, groups and devices, in characters.
	MaxName = 80
	// MaxProfileField bounds title, department, phone and e-mail, in characters.
	MaxProfileField = 120
	// MaxRun bounds the envelopes of one run.
	MaxRun = 4096
	// MaxRunBytes bounds the bytes of one run; a single larger envelope still travels alone.
	MaxRunBytes = 1 << 20
	// MaxFeeds bounds the feeds of one space that a device keeps (30,000 people with room to spare).
	MaxFeeds = 400_000
	// MaxAside bounds the envelopes of one space that wait for a key or a control event.
	MaxAside = 200_000
	// MaxParents bounds the parents that a control event names.
	MaxParents = 64
	// MaxBoxes bounds the wrapped keyrings in one keys event.
	MaxBoxes = 256
	// MaxEpochs bounds the epoch keys in one keyring.
	MaxEpochs = 4096
	// MaxSpacesPerPeer bounds the spaces that one link talks about.
	MaxSpacesPerPeer = 20_000
	// MaxCertificates bounds the devices of one person.
	MaxCertificates = 32
	// MaxInviteUses and MaxInviteLife bound an invite.
	MaxInviteUses = 1000
	MaxInviteLife = 30 * 24 * time.Hour
	// MaxJoinRequests bounds the newcomers who wait at one device at a time.
	MaxJoinRequests = 20
	// MaxClockAhead is how far a stamp may lie ahead of our clock before it is clamped and marked.
	MaxClockAhead = 5 * time.Minute

	// MaxArrayElements and MaxMapPairs bound what the CBOR decoder allocates for.
	MaxArrayElements = 65_536
	MaxMapPairs      = 4096
	// MaxNesting bounds the depth of a CBOR item.
	MaxNesting = 16
)
