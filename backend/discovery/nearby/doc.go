// Package nearby finds devices on the same network without a server and without
// telling strangers who is there.
//
// # Beacon
//
// Every 2 s, three times in the first second, and on a change of interfaces, one
// datagram goes to UDP port 47800 on every interface, whose list is read afresh
// each time:
//
//	IPv4      the interface's directed broadcast, else 255.255.255.255
//	IPv6      link-local multicast group ff12::f1a7:7ab1
//	loopback  127.255.255.255, so that instances on one machine meet
//
// It is canonical CBOR of at most wire.MaxBeacon bytes, an array of
//
//	1         version
//	bytes 16  instance: random, new at each run
//	uint      TCP port on which links listen; the address is the datagram's source
//	bool      joinable: somebody may ask here to join
//	bool      answer: this is a reply, do not reply to it
//	bytes 16  nonce, new in each datagram
//	array     of bytes 8, ascending: one tag for each workspace, at most 64
//
// A tag is the first 8 bytes of HMAC-SHA256(secret, nonce ‖ instance), where
// the secret is known to members of the workspace only: members recognise their
// workspace, others see noise that differs in every datagram. A beacon proves
// nothing, since it can be replayed: a link does (package lan). What strangers do
// learn: that a device is there, on which port, how many workspaces it has, and
// which datagrams of one run belong together.
//
// Whoever hears a new instance answers it directly, so that both know of each
// other at once. Datagrams leave from a private port of each process and
// interface, and answers come back to it; the shared port takes broadcasts
// only.
//
// # DNS-SD
//
// Beside it "_roundtable._tcp.local" is announced and browsed (RFC 6763, by
// pion/mdns), for networks that carry multicast DNS but no broadcasts. The
// instance name is the instance in hexadecimal, the TXT record holds a beacon.
//
// # Limits
//
// Sources outside the interfaces' own subnets are ignored; 40 datagrams a second
// of one source; 1024 instances, of which those with a workspace of ours stay
// longest; 8 addresses of each; forgotten after 10 s without a beacon.
package nearby
