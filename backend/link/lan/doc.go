// Package lan is the way over a direct TCP connection: TLS 1.3 in which both
// sides prove their device key, and streams on top.
//
// # Handshake
//
// Each side shows one self-signed Ed25519 certificate. Its public key is the
// DeviceID; names, dates and authorities in it mean nothing and are not looked
// at. TLS proves possession of the key (CertificateVerify). The dialler may pin
// the device it wants and aborts before it has shown its own certificate when
// another one answers. There is no resumption: every link proves both keys
// anew. ALPN is "roundtable/1". After the handshake the listener sends one byte,
// 1 for "taken" or 0 for "no more links", so that a dial that succeeded is a
// link on both sides.
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
