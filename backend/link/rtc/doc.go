// Package rtc is the direct way through NAT: ICE finds a path between two
// devices, QUIC runs on it, with the handshake of package secure inside.
//
// # Addresses
//
// "rtc:" + the device. There is nothing else to know: everything that changes is
// told in the signalling, when it is wanted.
//
// # Signalling
//
// A path is agreed on over a link that the two devices have already, normally a
// relayed one, on a stream "rtc/1". Frames of at most 4 KiB, CBOR: each side
// says hello (ICE credentials, the addresses at which it takes plain TCP), then
// names candidates as it finds them. The dialler says hello first, controls ICE,
// is the client of QUIC, and closes the stream when the link is up. Whoever
// closes it earlier has given up. Of two devices that dial each other at once,
// only the senior's dial (the smaller ID) goes on.
//
// # Path
//
// Host and server-reflexive candidates first; an allocation at a TURN server is
// made only when no direct path was found within TurnAfter, since it costs the
// relay memory for as long as it is held. UDP only: where a TCP connection is
// possible, lan is the better way, and the addresses in the hello are suggested
// to it. No mDNS names, no link-local addresses.
//
// # Link
//
// A stream of the link is a stream of QUIC. Its first byte, always 0, tells the
// other side of it at once; QUIC alone would wait for the first data. Stream 0
// of the dialler is for the link itself: the listener's answer (1 taken, 0 not),
// then pings. The link ends when ICE has heard nothing for 30 s. It survives a
// shorter cut; on another network it ends, and the switchboard dials again.
//
// # Limits
//
// 10 s for everything until a link is up. 16 set-ups that others ask for at a
// time, 2 of one device, at most 6 at once and one every 10 s of one device,
// and of known devices only (Options.Known). 48 candidates, none of them
// loopback, link-local or multicast. 512 streams; 4 MiB of unread data on one
// stream and 32 MiB on all (256 KiB and 1 MiB for strangers whom we dialled).
package rtc
