// Package cms reads signed data of the Cryptographic Message Syntax (RFC 5652) and checks its
// signatures, and the time-stamp tokens in it (RFC 3161). It makes none: whoever signs is
// another package, so that a checker can be built without it.
//
// DER is read, as PDF asks for (ISO 32000-2, 12.8.3.3), and what of BER is met in files. All of it is foreign bytes: nothing
// is believed before [SignedData.Check] has said so, and a certificate is never trusted here:
// chains are the caller's ([Certificate] finds the one a signature names).
package cms
