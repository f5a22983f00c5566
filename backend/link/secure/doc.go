// Package secure is how two devices prove their keys to each other, shared by
// the ways that run TLS 1.3: lan over TCP, relayed over a relay's circuit, rtc
// over QUIC.
//
// # Handshake
//
// Each side shows one self-signed Ed25519 certificate. Its public key is the
// DeviceID; names, dates and authorities in it mean nothing and are not looked
// at. TLS proves possession of the key (CertificateVerify). Either side may pin
// the device it wants; a dialler aborts before it has shown its own certificate
// when another one answers. There is no resumption: every connection proves both
// keys anew. ALPN is "roundtable/1". After the handshake the listener sends one
// byte (Answer, Await), 1 for "taken" or 0 for "no more links", so that a dial
// that succeeded is a link on both sides.
//
// Until both keys are proven, Limits bound what the other side can make us
// read and how long.
package secure
