package office

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"roundtable/backend/event"
	"roundtable/backend/wire"
)

// said is one event as the tables hold it.
type said struct {
	space      wire.SpaceID
	stamp      int64
	device     wire.DeviceID
	start, seq uint64
	id         wire.EventID
	person     wire.PersonID
	kind       event.Kind
	body       wire.Raw
}

// inOrder is the order in which events are judged.
func inOrder(a, b said) int {
	return cmp.Or(cmp.Compare(a.stamp, b.stamp), bytes.Compare(a.device[:], b.device[:]), cmp.Compare(a.start, b.start), cmp.Compare(a.seq, b.seq))
}

// sealState is a seal and what became of it.
type sealState struct {
	id       wire.EventID
	register wire.SpaceID
	sealMade
	maker  wire.PersonID
	made   int64 // stamp
	rights map[wire.PersonID]Rights
	// depth is how far somebody who manages it is from the maker.
	depth map[wire.PersonID]int
	// ever are the rights that somebody had at any time.
	ever  map[wire.PersonID]Rights
	ended *sealEnded
	// endedBy and endedAt say who ended it and when.
	endedBy wire.PersonID
	endedAt int64
	uses    []use
}

type use struct {
	sealUsed
	person wire.PersonID
	stamp  int64
}

// judged gives the seals of a register from all that was said there, in whatever order it is given.
func judged(all []said, mayMake func(wire.PersonID) bool) map[wire.EventID]*sealState {
	all = slices.SortedFunc(slices.Values(all), inOrder)
	void := map[wire.EventID]bool{}
	for {
		seals, withdrawals := fold(all, void, mayMake)
		// One withdrawal at a time, the first: what it makes void may be another's ground.
		if !slices.ContainsFunc(withdrawals, func(w withdrawal) bool { return w.voids(all, void) }) {
			used(all, seals)
			return seals
		}
	}
}

// withdrawal takes the right to manage a seal from somebody.
type withdrawal struct {
	at int // its place among all
	sealRight
}

// voids marks what the person said before it, by the stamps, and beyond what was seen of them. It tells whether there was any.
func (w withdrawal) voids(all []said, void map[wire.EventID]bool) (some bool) {
	for _, e := range all[:w.at] {
		if e.person != w.Person || void[e.id] || subject(e) != w.Seal || (e.kind != SealRight && e.kind != SealEnded) {
			continue
		}
		seen := slices.ContainsFunc(w.Cuts, func(c cut) bool { return c.Device == e.device && c.Start == e.start && e.seq <= c.Seq })
		if !seen {
			void[e.id], some = true, true
		}
	}
	return some
}

// subject is the seal that an event is about.
func subject(e said) (id wire.EventID) {
	switch e.kind {
	case SealRight:
		read(e.body, func(b *sealRight) bool { id = b.Seal; return true })
	case SealEnded:
		read(e.body, func(b *sealEnded) bool { id = b.Seal; return true })
	}
	return id
}

// fold judges events one after another.
func fold(all []said, void map[wire.EventID]bool, mayMake func(wire.PersonID) bool) (map[wire.EventID]*sealState, []withdrawal) {
	seals := map[wire.EventID]*sealState{}
	var withdrawals []withdrawal
	for i, e := range all {
		if void[e.id] {
			continue
		}
		switch e.kind {
		case SealMade:
			read(e.body, func(b *sealMade) bool {
				if mayMake(e.person) {
					seals[e.id] = newSeal(e, *b)
				}
				return true
			})
		case SealRight:
			read(e.body, func(b *sealRight) bool {
				if s := seals[b.Seal]; s != nil {
					before := s.rights[b.Person]
					if s.set(e.person, *b) && before&Manage != 0 && b.Rights&Manage == 0 && e.person != b.Person {
						withdrawals = append(withdrawals, withdrawal{i, *b})
					}
				}
				return true
			})
		case SealEnded:
			read(e.body, func(b *sealEnded) bool {
				if s := seals[b.Seal]; s != nil && s.ended == nil && s.rights[e.person]&Manage != 0 {
					s.ended, s.endedBy, s.endedAt = b, e.person, e.stamp
				}
				return true
			})
		}
	}
	return seals, withdrawals
}

func newSeal(e said, b sealMade) *sealState {
	return &sealState{
		id: e.id, register: e.space, sealMade: b, maker: e.person, made: e.stamp,
		rights: map[wire.PersonID]Rights{e.person: Manage}, ever: map[wire.PersonID]Rights{e.person: Manage}, depth: map[wire.PersonID]int{e.person: 0},
	}
}

// may tells whether somebody may set the rights of another.
func (s *sealState) may(by wire.PersonID, r sealRight) bool {
	if s.rights[by]&Manage == 0 {
		return false
	}
	takes := s.rights[r.Person]&Manage != 0 && r.Rights&Manage == 0
	if takes && len(s.people(Manage)) == 1 {
		return false // nobody would be left who manages it
	}
	return !takes || by == r.Person || s.depth[by] <= s.depth[r.Person]
}

// set sets rights, if who says so may.
func (s *sealState) set(by wire.PersonID, r sealRight) bool {
	if !s.may(by, r) {
		return false
	}
	switch had := s.rights[r.Person]&Manage != 0; {
	case r.Rights&Manage == 0:
		delete(s.depth, r.Person)
	case !had:
		s.depth[r.Person] = s.depth[by] + 1
	}
	s.ever[r.Person] |= r.Rights
	if r.Rights == 0 {
		delete(s.rights, r.Person)
	} else {
		s.rights[r.Person] = r.Rights
	}
	return true
}

// used adds the uses of those who could ever use a seal: a use is a fact, and stays when the right is gone.
func used(all []said, seals map[wire.EventID]*sealState) {
	for _, e := range all {
		if e.kind != SealUsed {
			continue
		}
		read(e.body, func(b *sealUsed) bool {
			if s := seals[b.Seal]; s != nil && s.ever[e.person]&Use != 0 {
				s.uses = append(s.uses, use{*b, e.person, e.stamp})
			}
			return true
		})
	}
}

// people are those with any of some rights, by ID.
func (s *sealState) people(any Rights) []wire.PersonID {
	var out []wire.PersonID
	for p, r := range s.rights {
		if r&any != 0 {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b wire.PersonID) int { return bytes.Compare(a[:], b[:]) })
	return out
}

// dump is everything that counts of a register, in one form on all devices.
func dump(seals map[wire.EventID]*sealState) (out []string) {
	for _, id := range slices.SortedFunc(maps.Keys(seals), func(a, b wire.EventID) int { return bytes.Compare(a[:], b[:]) }) {
		out = append(out, seals[id].line())
	}
	return out
}

// recorded reports whether somebody's use of a seal on a document is in the register.
func (s *sealState) recorded(document [32]byte, by wire.PersonID) bool {
	return slices.ContainsFunc(s.uses, func(u use) bool { return u.Document == document && u.person == by })
}
