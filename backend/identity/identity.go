// Package identity says which devices are one person. The first device signs
// its own certificate, whose hash is the person's ID; every further device
// (later: a printed recovery code too) holds a certificate signed by one that
// was there before. Names are attributes and stand elsewhere.
package identity

import (
	"errors"
	"fmt"

	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// ErrCertificate wraps every refusal of a certificate.
var ErrCertificate = errors.New("certificate is not valid")

// Certificate says that a device belongs to a person.
type Certificate struct {
	// Person is zero in the founding certificate: its own hash is the ID.
	Person wire.PersonID `cbor:"1,keyasint"`
	Device wire.DeviceID `cbor:"2,keyasint"`
	// Seal is the device's HPKE public key, for wrapping epoch keys.
	Seal []byte `cbor:"3,keyasint"`
	// Issued is Unix ms.
	Issued int64 `cbor:"4,keyasint"`
	// Issuer signed; in the founding certificate it is the device itself.
	Issuer wire.DeviceID `cbor:"5,keyasint"`
	// Nonce keeps the person's ID free of meaning.
	Nonce     [16]byte `cbor:"6,keyasint"`
	Signature []byte   `cbor:"7,keyasint"`
}

func (c Certificate) signed() []byte {
	c.Signature = nil
	return wire.MustEncode(c)
}

// Found makes the first certificate of a new person.
func Found(signer key.Signer, seal key.SealPublic, issued int64) (Certificate, error) {
	c := Certificate{
		Device: signer.Public(), Issuer: signer.Public(), Seal: seal, Issued: issued,
		Nonce: [16]byte(wire.Random(16)),
	}
	return c.sign(signer)
}

// Vouch makes a certificate for one more device of a person.
func Vouch(signer key.Signer, person wire.PersonID, device wire.DeviceID, seal key.SealPublic, issued int64) (Certificate, error) {
	c := Certificate{
		Person: person, Device: device, Issuer: signer.Public(), Seal: seal, Issued: issued,
		Nonce: [16]byte(wire.Random(16)),
	}
	return c.sign(signer)
}

func (c Certificate) sign(signer key.Signer) (Certificate, error) {
	signature, err := signer.Sign(key.ContextCertificate, c.signed())
	if err != nil {
		return Certificate{}, fmt.Errorf("sign certificate: %w", err)
	}
	c.Signature = signature
	return c, nil
}

// Digest names the certificate, signature included.
func (c Certificate) Digest() [32]byte {
	return key.Hash("roundtable certificate digest v1", wire.MustEncode(c))
}

// Person is who holds these devices. The first certificate founds the person;
// each later one is issued by a device before it. Errors: ErrCertificate.
func Person(certificates []Certificate) (wire.PersonID, error) {
	if len(certificates) == 0 || len(certificates) > wire.MaxCertificates {
		return wire.PersonID{}, fmt.Errorf("%d certificates: %w", len(certificates), ErrCertificate)
	}
	first := certificates[0]
	if first.Person != (wire.PersonID{}) || first.Issuer != first.Device {
		return wire.PersonID{}, fmt.Errorf("founding certificate: %w", ErrCertificate)
	}
	id := wire.PersonID(key.Hash("roundtable person v1", first.signed()))
	known := map[wire.DeviceID]bool{first.Device: true}
	for i, c := range certificates {
		if i > 0 && (c.Person != id || known[c.Device]) {
			return wire.PersonID{}, fmt.Errorf("certificate %d: %w", i, ErrCertificate)
		}
		if !known[c.Issuer] {
			return wire.PersonID{}, fmt.Errorf("certificate %d: unknown issuer: %w", i, ErrCertificate)
		}
		if err := key.SealPublic(c.Seal).Check(); err != nil {
			return wire.PersonID{}, fmt.Errorf("certificate %d: %w: %w", i, ErrCertificate, err)
		}
		if err := key.Verify(c.Issuer, key.ContextCertificate, c.signed(), c.Signature); err != nil {
			return wire.PersonID{}, fmt.Errorf("certificate %d: %w: %w", i, ErrCertificate, err)
		}
		known[c.Device] = true
	}
	return id, nil
}

// Fingerprint is a device key's hash in six groups of four characters, short
// enough to read aloud (120 bits).
func Fingerprint(device wire.DeviceID) string {
	sum := key.Hash("roundtable fingerprint v1", device[:])
	const letters = "ABCDEFGHJKMNPQRSTVWXYZ0123456789" // no I, L, O, U: read aloud without mistakes
	out := make([]byte, 0, 29)
	for i := range 24 {
		if i > 0 && i%4 == 0 {
			out = append(out, ' ')
		}
		out = append(out, letters[sum[i]&31])
	}
	return string(out)
}
