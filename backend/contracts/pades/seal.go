package pades

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"roundtable/backend/contracts/cms"
)

// SealClaim is what a signature says of the seal that it shows (the private key RTSeal of its dictionary, decision 0048).
type SealClaim struct {
	ID   []byte
	Name string
}

// ErrSeal says that the identity may not use the seal: its certificate is not for it, or not for these outlines.
var ErrSeal = errors.New("no right to this seal")

// maySeal refuses a seal without the right to it, and the key of a seal for anything else.
func (id Identity) maySeal(r Request) error {
	right, is := cms.SealOf(id.Chain[0])
	switch {
	case r.Seal == nil && !is:
		return nil
	case r.Seal == nil || !is || !bytes.Equal(right.ID, r.Seal.ID):
		return fmt.Errorf("%w: the certificate is for something else", ErrSeal)
	case r.Look == nil || sha256.Sum256(r.Look.Content) != right.Outlines:
		return fmt.Errorf("%w: the certificate is for other outlines", ErrSeal)
	}
	return nil
}
