// Package relay is what stands beyond the office network: a small program that
// is always on, keeps sealed envelopes and sealed chunks for devices that are
// away, and lets devices find each other. It is blind: it sees which device
// writes into which space and when, never what. Everything below this folder
// imports wire, key, store and envelope, and nothing that could open an event.
//
//	protocol  what a device and a relay say to each other, and its limits
//	engine    where a relay keeps things: one interface, sqlite and nats
//	bus       how the processes of a cluster talk among themselves
//	server    the relay itself
//	client    a device's side of one connection
//
// # A connection
//
// One WebSocket over TLS at /v1, binary messages, one deterministic CBOR
// protocol.Message each. The relay speaks first (Challenge); the device proves
// its key by signing the challenge together with the host name that it dialled
// (Hello), which keeps one relay from using a device's proof at another. The
// token in Hello is an organisation's admission; with it and on no access list
// yet a device is a visitor: it may ask who lets people in and dial them, and read
// what a list that it was taken off left to it, no more.
//
// # Access lists
//
// A relay cannot read control events. Who may read and write a space it learns
// from grants: signed changes of a list of device keys, numbered, each naming
// the hash of the one before. The first grant of a space comes from a device on
// its workspace's list (for the workspace itself: from the first that holds the
// token). A grant counts when its author has the right: RightAdd to list new
// devices, RightManage to change any entry; anybody may take itself off.
// Whoever is off the list hears nothing more from that moment, but for the last
// words that the grant left to it: control envelopes up to its removal, which the
// relay cannot recognise by itself. They can be read at any later time.
//
// # Envelopes
//
// A relay keeps each feed without gaps, as far back as retention reaches. Publish
// is answered (Stored) when the envelopes are on disk: that is what "at the
// relay" means on a message. A position in a space is an opaque cursor. News are
// pushed to subscribers as long as they keep up; one who does not is told Behind
// and reads on from its cursor, at its own pace.
//
// # Devices
//
// Frames are sealed and delivered now or never. A circuit is a second WebSocket
// at /v1/circuit from each of two devices, spliced by the relay; the devices run
// their link's own TLS inside, so the relay carries what it cannot read.
package relay
