package app

import (
	"fmt"
	"os"
	"path/filepath"

	"roundtable/backend/durable"
	"roundtable/backend/identity"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// self is who this device's person is. It stands in a file of its own, so that
// a damaged database takes nobody's identity away.
type self struct {
	Version      uint8                  `cbor:"1,keyasint"`
	Certificates []identity.Certificate `cbor:"2,keyasint"`
	// Name is what the person calls itself until a workspace knows better.
	Name string `cbor:"3,keyasint"`
}

const (
	selfFile = "identity.cbor"
	maxSelf  = 256 << 10
)

func readSelf(folder string) (self, error) {
	var s self
	raw, err := os.ReadFile(filepath.Join(folder, selfFile))
	if err != nil {
		return s, fmt.Errorf("read identity: %w", err)
	}
	if err := wire.Decode(raw, maxSelf, &s); err != nil {
		return s, fmt.Errorf("read identity: %w", err)
	}
	if _, err := identity.Person(s.Certificates); err != nil {
		return s, fmt.Errorf("read identity: %w", err)
	}
	return s, nil
}

func (s self) write(folder string) error {
	return durable.Write(filepath.Join(folder, selfFile), 0o600, wire.MustEncode(s))
}

func (s self) party() space.Party {
	person, _ := identity.Person(s.Certificates) // checked when read or made
	return space.Party{Person: person, Certificates: s.Certificates}
}
