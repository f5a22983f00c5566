// Package relayed is the way through a relay: for devices that reach no other
// way to each other. Both are connected to the same relay anyway; it splices two
// WebSockets, and inside them the devices speak the same TLS 1.3 as over a
// direct connection (package secure), so that the relay carries what it can
// neither read nor change.
//
// # Addresses
//
// "relay:" + the first eight bytes of the relay address's ID in hex + "/" + the
// device. They mean something to devices that name the same relay, and hold no
// secret.
//
// # What a relay can do
//
// It says who dials (Incoming.From) and whom it connects; both sides pin that
// device, so that circuits that were mixed up end in the handshake. It can cut,
// delay and count bytes. What comes in before keys are proven is bounded: 10 s,
// 64 KiB, 32 handshakes at a time, 4 of one device and 8 of strangers; 8 inbound
// links of one device, 256 of all.
package relayed
