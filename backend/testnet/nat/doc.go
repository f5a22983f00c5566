// Package nat is an internet in memory: sites behind NATs of several kinds, a
// STUN and TURN server, and lines that lose, delay and throttle. Hosts on it take
// a transport.Net, as everything built on pion does; nothing touches the machine.
//
// # Kinds of NAT, in the words of RFC 4787
//
//   - None: no NAT; the host has a public address. Nothing is filtered.
//   - Cone: endpoint-independent mapping (one public port for one socket,
//     whomever it sends to), address-dependent filtering (in comes what comes from
//     an address that was sent to, from any port). "Restricted cone".
//   - PortRestricted: endpoint-independent mapping, address- and port-dependent
//     filtering (in comes only what comes from an address and port sent to). What
//     most homes have.
//   - Symmetric: address- and port-dependent mapping and filtering: every
//     destination sees another port, and nobody else can use it. Many offices and
//     mobile carriers.
//
// # What reaches what without a relay
//
// STUN tells a host the port that the STUN server saw. A symmetric NAT shows a
// peer another one, which the peer's NAT must let in though it has sent only to
// the first: Cone does (same address), PortRestricted does not.
//
//	                None  Cone  PortRestricted  Symmetric
//	None            yes   yes   yes             yes
//	Cone            yes   yes   yes             yes
//	PortRestricted  yes   yes   yes             no
//	Symmetric       yes   yes   no              no
//
// # Shapes
//
// A Shape works on what comes in to a site. Between two sites each direction has
// the receiver's, so a round trip has both delays. Loss follows from the seed and
// the order of packets.
package nat
