// Package lan is the way over a direct TCP connection: TLS 1.3 in which both
// sides prove their device key, and streams on top.
//
// The handshake is that of package secure.
//
// Whoever dials learns the listener's device ID, a random-looking key: an
// observer on the same network can tell that a device is there again, not whose
// it is.
//
// # Limits
//
// 64 KiB and 10 s before the handshake is done; 64 handshakes at a time, 16 of
// one address; 256 inbound links of one address; package mux limits streams.
// Devices for which Options.Known says no get the small window.
package lan
