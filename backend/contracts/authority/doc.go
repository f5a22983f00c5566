// Package authority issues the certificates of a workspace: a root of its own, certificates
// for persons whom somebody verified, and the list of those that were taken back (RFC 5280).
//
// Such a certificate says that this workspace vouches for a person, and nothing more. Its
// signatures are advanced ones in the sense of eIDAS, not qualified ones; China's Electronic
// Signature Law (§13) asks for exclusive control and for changes to be found out, which they give, but
// where a law asks for a licensed authority's certificate (§16), as for labour contracts in the practice of many places, one
// must be imported instead. The screen says so.
//
// It holds no key: whoever calls it brings the root's key out of a keychain for one signature.
package authority
