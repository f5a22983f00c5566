package circles

import (
	"roundtable/backend/event"
	"roundtable/backend/name"
	"roundtable/backend/wire"
)

// OriginStated says from which workspace its author comes.
const OriginStated event.Kind = "circles.origin_stated"

// originStated names a workspace and does not identify it: partners need no handle on it.
type originStated struct {
	Name string `cbor:"1,keyasint"`
}

func (o originStated) valid() bool {
	clean, err := name.Check(o.Name, wire.MaxName)
	return err == nil && clean == o.Name
}
