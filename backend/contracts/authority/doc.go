// Package authority issues the certificates of a workspace: a root of its own, certificates
// for persons whom somebody verified, and the list of those that were taken back (RFC 5280).
//
// Such a certificate says that this workspace vouches for a person, and nothing more. Its
// signatures are advanced ones in the sense of eIDAS, not qualified ones; China's Electronic
// Signature Law (§13) asks for exclusive control and for changes to be found out, which they give, but
// where a law asks for a licensed authority's certificate (§16), as for labour contracts in the practice of many places, one
// must be imported instead. The screen says so.
//
// The right to use a seal is a certificate, too (decision 0048): its subject is the seal (commonName), the workspace
// (organizationName) and the holder's ID (serialNumber), and it has an extension that is not critical, 1.2.840.113556.1.8000.2554.48570.34418.27712.23352.48934.2343925.868905
// (cms.OIDSeal), whose value is, in DER,
//
//	SEQUENCE { sealID OCTET STRING (SIZE(16..32)), outlines OCTET STRING (SIZE(32)) }
//
// with nothing behind it. outlines is the SHA-256 of the content stream, decoded, of the form object that draws the seal
// (pades.Look.Content). A certificate whose extension reads otherwise is one for no seal.
//
// It holds no key: whoever calls it brings the root's key out of a keychain for one signature.
package authority
