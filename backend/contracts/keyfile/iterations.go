package keyfile

import "encoding/asn1"

// maxIterations bounds the work that a file may ask for before its password is known to be
// right: programs write 2,048 to 600,000; this is some seconds.
const maxIterations = 5_000_000

// tooDear looks for a count of iterations beyond the bound: everywhere in PKCS #12 and PBES2 it is
// the number behind the salt (RFC 7292, 4; RFC 8018, A.2). What is within strings of bytes is looked at, too.
func tooDear(der []byte, depth int) bool {
	salted := false
	for len(der) > 0 && depth < 32 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			return false
		}
		der = rest
		universal := v.Class == asn1.ClassUniversal
		if salted && universal && v.Tag == asn1.TagInteger {
			var n int64
			if _, err := asn1.Unmarshal(v.FullBytes, &n); err != nil || n > maxIterations {
				return true
			}
		}
		salted = universal && v.Tag == asn1.TagOctetString
		if (v.IsCompound || salted) && tooDear(v.Bytes, depth+1) {
			return true
		}
	}
	return false
}
