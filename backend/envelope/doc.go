// Package envelope is the outer, routable form of an event: everything a relay
// sees, and nothing more. A header says where the event belongs; the body is
// sealed; a signature covers both.
//
//	offset  size  field
//	     0     1  version, 1
//	     1     1  lane, 0 control or 1 content
//	     2    32  space
//	    34    32  device, the author's Ed25519 public key
//	    66     8  start of the feed, Unix ms, big-endian
//	    74     8  sequence in the feed, from 1, big-endian
//	    82    32  hash of the previous envelope of the feed, zeros at sequence 1
//	   114    16  epoch whose key seals the body, zeros when the body is open
//	   130     n  body, sealed with the 130 header bytes as associated data
//	 130+n    64  Ed25519 signature over the SHA-256 of everything before it
//
// The layout is fixed, so there is one byte form and nothing to parse. The
// event's ID is the SHA-256 of all bytes, signature included: the next
// envelope's previous-hash therefore fixes the signature too, and verifying the
// last signature of a run verifies every byte of the run.
package envelope
