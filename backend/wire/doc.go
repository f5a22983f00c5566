// Package wire is the one canonical byte form of Roundtable: deterministic
// CBOR (RFC 8949 section 4.2.1), strictly decoded, with every limit in
// limits.go and the text form of every ID in id.go.
//
// Two programs that encode the same value produce the same bytes, so bytes can
// be hashed and signed. A decoder refuses unknown fields, duplicate keys,
// indefinite lengths, trailing bytes and anything beyond a limit: what it
// accepts re-encodes to the same bytes (FuzzCanonical holds it to that).
package wire
