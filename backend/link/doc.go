// Package link is an authenticated, ordered, multiplexed connection between two
// devices, whatever carries it.
//
// A Node is one way to reach others (lan, rtc, relayed, memory). It
// gives Links, and a Link gives Streams. When a Link exists both sides have
// proven that they hold the private key of the device they claim to be: a
// DeviceID is that key's public half, so Remote needs no further check. What a
// proven device may do is not decided here.
//
//	switchboard  at most one Link per device, dialled again when it breaks
//	lan          TCP on the office network
//	rtc          a direct path through NAT
//	relayed      spliced by a relay
//	memory       within one process, for tests
//	secure       the handshake of device keys, shared by the ways
//	mux          streams on one ordered connection, shared by the ways
//	linktest     the suite that every way passes
package link
