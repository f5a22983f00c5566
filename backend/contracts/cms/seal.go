package cms

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
)

// OIDSeal is the extension of a certificate for the use of a seal (decision 0048). It is not critical, so that common readers
// take the certificate. The arc is one that a UUID makes: arcs below 2.25 are of 128 bits, and most libraries, also Go's,
// refuse a whole certificate that has one.
var OIDSeal = asn1.ObjectIdentifier{1, 2, 840, 113556, 1, 8000, 2554, 48570, 34418, 27712, 23352, 48934, 2343925, 868905}

// ErrSeal says that a seal cannot be in a certificate.
var ErrSeal = errors.New("no seal for a certificate")

const minSealID, maxSealID = 16, 32

// SealRight is what a certificate says of a seal.
type SealRight struct {
	// ID is the seal's, of 16 to 32 bytes.
	ID []byte
	// Outlines is the SHA-256 of the content of the form object that draws it.
	Outlines [32]byte
}

type sealRight struct{ ID, Outlines []byte }

// Extension is how a certificate says it: SEQUENCE { sealID OCTET STRING, outlines OCTET STRING }. Errors: ErrSeal.
func (r SealRight) Extension() (pkix.Extension, error) {
	if len(r.ID) < minSealID || len(r.ID) > maxSealID {
		return pkix.Extension{}, fmt.Errorf("%w: an ID of %d bytes", ErrSeal, len(r.ID))
	}
	value, err := asn1.Marshal(sealRight{r.ID, r.Outlines[:]})
	if err != nil {
		return pkix.Extension{}, fmt.Errorf("encode seal: %w", err)
	}
	return pkix.Extension{Id: OIDSeal, Value: value}, nil
}

// SealOf reads the extension of a certificate; false if there is none, or none that can be read.
func SealOf(c *x509.Certificate) (SealRight, bool) {
	for _, e := range c.Extensions {
		if !e.Id.Equal(OIDSeal) {
			continue
		}
		var v sealRight
		rest, err := asn1.Unmarshal(e.Value, &v)
		if err != nil || len(rest) > 0 || len(v.ID) < minSealID || len(v.ID) > maxSealID || len(v.Outlines) != sha256.Size {
			return SealRight{}, false
		}
		return SealRight{ID: v.ID, Outlines: [32]byte(v.Outlines)}, true
	}
	return SealRight{}, false
}
