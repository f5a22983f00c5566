package office

import (
	"context"

	"roundtable/backend/event"
	"roundtable/backend/wire"
)

// Said is one event of a register, for tests of what counts.
type Said struct {
	Stamp      int64
	Device     wire.DeviceID
	Start, Seq uint64
	ID         wire.EventID
	Person     wire.PersonID
	Kind       event.Kind
	Body       any
}

// Judge gives what counts, in one form on all devices.
func Judge(all []Said, mayMake func(wire.PersonID) bool) []string {
	var in []said
	for _, s := range all {
		in = append(in, said{stamp: s.Stamp, device: s.Device, start: s.Start, seq: s.Seq, id: s.ID, person: s.Person, kind: s.Kind, body: wire.MustEncode(s.Body)})
	}
	return dump(judged(in, mayMake))
}

// MadeOf, RightOf, EndedOf and UsedOf make bodies.
func MadeOf(name string) any {
	return sealMade{Name: name, Kind: Round, Content: []byte("x"), Width: 1, Height: 1}
}

// Cut is the end of a feed.
type Cut = cut

// RightOf sets rights.
func RightOf(seal wire.EventID, person wire.PersonID, r Rights, cuts ...Cut) any {
	return sealRight{Seal: seal, Person: person, Rights: r, Cuts: cuts}
}

// EndedOf ends a seal.
func EndedOf(seal wire.EventID, state string) any { return sealEnded{Seal: seal, State: state} }

// UsedOf is a use.
func UsedOf(seal wire.EventID) any { return sealUsed{Seal: seal} }

// Sound tells whether a body may be kept.
func Sound(kind event.Kind, body []byte) bool { return sound(kind, body) }

// Dump is everything that counts of a workspace's seals here.
func (o *Office) Dump(ctx context.Context, workspace wire.SpaceID) ([]string, error) {
	v, err := o.view(ctx, workspace)
	if err != nil {
		return nil, err
	}
	return dump(v.seals), nil
}
