package office

import (
	"context"
	"math/big"
	"net/http"

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

// Tried judges bodies of anybody as if a workspace and a register had nothing else; a root and a request may be given before.
func Tried(root, request []byte, kinds []event.Kind, body []byte) {
	me := wire.PersonID{1}
	v := &view{people: map[wire.PersonID]person{me: {owner: true, active: true}}, revoked: map[string]revocation{}, bySerial: map[string]*certificate{},
		takers: map[wire.PersonID]bool{}, names: map[wire.EventID]sealNamed{}, seals: map[wire.EventID]*sealState{}, number: new(big.Int)}
	all := []said{
		{stamp: 1, person: me, kind: Founded, body: wire.MustEncode(founded{root})},
		{stamp: 2, person: me, kind: Asked, body: wire.MustEncode(asked{Request: request, Name: "a"})},
		{stamp: 2, person: me, kind: SealMade, id: wire.EventID{9}, body: wire.MustEncode(MadeOf("a"))},
	}
	for i, k := range kinds {
		if sound(k, body) {
			all = append(all, said{stamp: int64(3 + i), id: wire.EventID{byte(i), 7}, person: me, kind: k, body: body})
		}
	}
	v.judge(all, nil, &proofs{all: map[[32]byte]bool{}})
	_ = v.keptLists()
	for _, s := range judged(all, func(wire.PersonID) bool { return true }) {
		_, _ = s.drawing()
	}
}

// Chosen is the root that counts of what owners said, where a root is relied on, with the certificates that it signed; others are the other roots,
// each with whether it is said to be earlier.
func Chosen(founded_ []Said, pinned []byte, own bool) (root []byte, contested bool, others map[string]bool) {
	v := &view{people: map[wire.PersonID]person{}, takers: map[wire.PersonID]bool{}}
	var all []said
	for _, s := range founded_ {
		v.people[s.Person] = person{owner: true}
		all = append(all, said{stamp: s.Stamp, person: s.Person, kind: s.Kind, body: wire.MustEncode(s.Body)})
	}
	var pins []pin
	if pinned != nil {
		pins = []pin{{pinned, own}}
	}
	v.choose(all, pins, &proofs{all: map[[32]byte]bool{}})
	others = map[string]bool{}
	for _, other := range v.others {
		others[string(other.root.Raw)] = other.earlier
	}
	return v.root.Raw, v.contested, others
}

// TrustsTLS has the time-stamp authority asked by another client; its redirects stay refused.
func (o *Office) TrustsTLS(c *http.Client) {
	c.CheckRedirect = o.times.client.CheckRedirect
	o.times.client = c
}

// TimesFile is where the settings lie.
func (o *Office) TimesFile() string { return o.times.path }
