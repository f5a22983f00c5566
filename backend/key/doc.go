// Package key is the one place that picks algorithms: Ed25519 (RFC 8032) for
// signatures, HPKE (RFC 9180) with MLKEM768-X25519 for wrapping keys,
// XChaCha20-Poly1305 for bodies, SHA-256 (FIPS 180-4) for hashes. Documents are signed with ECDSA on P-256 or RSA
// (DocumentKey), since readers of PDF know no other; boxes under a password are closed with scrypt (Lock).
//
// Secrets have types that do not print, log or marshal themselves.
package key
