package people

import (
	"roundtable/backend/event"
	"roundtable/backend/name"
	"roundtable/backend/wire"
)

const (
	// WorkspaceNamed gives the workspace its name.
	WorkspaceNamed event.Kind = "people.workspace_named"
	// ProfileSet replaces the author's own profile.
	ProfileSet event.Kind = "people.profile_set"
)

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
