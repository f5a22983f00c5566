package people

import (
	"roundtable/backend/event"
	"roundtable/backend/name"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const (
	// WorkspaceNamed gives the workspace its name.
	WorkspaceNamed event.Kind = "people.workspace_named"
	// ProfileSet replaces the author's own profile.
	ProfileSet event.Kind = "people.profile_set"
	// RelaysSet replaces the relays that the workspace names.
	RelaysSet event.Kind = "people.relays_set"
)

// MaxRelays bounds the relays of a workspace: every member's device talks to all of them.
const MaxRelays = 4

// relaysSet lists relays in the order of preference. It holds their tokens, sealed
// like every body.
type relaysSet struct {
	Relays []protocol.Address `cbor:"1,keyasint"`
}

func (r relaysSet) valid() bool {
	seen := map[[32]byte]bool{}
	for _, a := range r.Relays {
		if a.Check() != nil || seen[a.ID()] {
			return false
		}
		seen[a.ID()] = true
	}
	return len(r.Relays) <= MaxRelays
}

type workspaceNamed struct {
	Name string `cbor:"1,keyasint"`
}

// Profile is what a person says of itself.
type Profile struct {
	Name       string `cbor:"1,keyasint"`
	Title      string `cbor:"2,keyasint,omitempty"`
	Department string `cbor:"3,keyasint,omitempty"`
	Phone      string `cbor:"4,keyasint,omitempty"`
	Email      string `cbor:"5,keyasint,omitempty"`
}

// valid reports whether a foreign profile may be shown: the same rules as for
// our own, since the other side may run any program.
func (p Profile) valid() bool {
	if clean, err := name.Check(p.Name, wire.MaxName); err != nil || clean != p.Name {
		return false
	}
	for _, field := range []string{p.Title, p.Department, p.Phone, p.Email} {
		if field == "" {
			continue
		}
		if clean, err := name.Check(field, wire.MaxProfileField); err != nil || clean != field {
			return false
		}
	}
	return true
}
