package flow_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/wire"
)

// Whatever the order, and however often, the same comes out; what strangers say changes nothing; a complete
// contract stays complete.
func TestAnyOrder(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		s := random(t, rnd)
		want := s.state()
		sound(t, seed, want)
		for range 5 {
			events := append(slices.Clone(s.events), s.events[rnd.IntN(len(s.events))])
			rnd.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			if got := flow.Fold(who("wang"), events); !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: another order, another state:\n%+v\n%+v", seed, want, got)
			}
		}
		for range 30 {
			s.at = 1_600_000_000_000 + rnd.Uint64N(200_000_000_000)
			deed(s, rnd, people[rnd.IntN(len(people))])
		}
		after := s.state()
		sound(t, seed, after)
		if want.Phase == flow.Completed && after.Phase != flow.Completed {
			t.Fatalf("seed %d: it was complete, and is %d", seed, after.Phase)
		}
	}
}

func random(t testing.TB, rnd *rand.Rand) *story {
	var parts []part
	for _, name := range people[1 : 2+rnd.IntN(4)] {
		parts = append(parts, part{name, flow.Role(1 + rnd.IntN(2)), uint8(1 + rnd.IntN(2))})
	}
	s := begins(t, parts...)
	for range rnd.IntN(60) {
		st := s.state()
		if rnd.IntN(3) > 0 && len(st.Pending) > 0 { // somebody does what is right
			right(s, rnd, st)
			continue
		}
		deed(s, rnd, people[rnd.IntN(len(people))])
	}
	return s
}

func nameOf(id wire.PersonID) string {
	for _, p := range people {
		if who(p) == id {
			return p
		}
	}
	return "nobody"
}

func right(s *story, rnd *rand.Rand, st *flow.State) {
	party := st.Pending[rnd.IntN(len(st.Pending))]
	p := st.Party(party)
	s.head, s.size = st.Head, st.Latest().Size
	switch {
	case p.Role == flow.Signer && p.Consent == nil:
		s.consents(nameOf(p.Person), party)
	case !st.Holds(p.Person, party):
		s.says(nameOf(st.HolderPerson()), &flow.Passed{Prev: st.Head, Next: party})
	case p.Role == flow.Approver:
		s.says(nameOf(p.Person), &flow.Acted{Prev: st.Head, Party: party, What: flow.Approved, SHA256: st.Latest().SHA256, Size: st.Latest().Size})
	default:
		s.says(nameOf(p.Person), s.signing(party, p.ConsentID, uint8(rnd.IntN(4))))
	}
}

// deed is anything by anybody, most of it wrong.
func deed(s *story, rnd *rand.Rand, person string) {
	party, other := uint8(1+rnd.IntN(6)), who(people[rnd.IntN(len(people))])
	some := s.events[rnd.IntN(len(s.events))].ID
	if rnd.IntN(2) == 0 {
		st := s.state()
		some, s.size = st.Head, st.Latest().Size
	}
	s.head = some
	switch rnd.IntN(13) {
	case 0:
		s.says(person, &flow.Opened{})
	case 1:
		s.consents(person, party)
	case 2:
		s.says(person, &flow.Withdrawn{Party: party})
	case 3, 4:
		s.says(person, s.signing(party, some, uint8(rnd.IntN(6))))
	case 5:
		s.says(person, &flow.Passed{Prev: some, Next: party})
	case 6:
		s.says(person, &flow.Declined{Party: party})
	case 7:
		if from := who(people[rnd.IntN(len(people))]); from != other {
			s.says(person, &flow.Reassigned{Party: party, From: from, To: other})
		}
	case 8:
		s.says(person, &flow.Voided{})
	case 9:
		s.says(person, &flow.DeadlineSet{Deadline: int64(s.at) + rnd.Int64N(1_000_000)})
	case 10:
		s.says(person, &flow.SealAsked{Party: party, Field: fmt.Sprintf("S%d", party), Seal: "s", Holder: other})
	case 11:
		s.says(person, &flow.SealRefused{Request: some})
	case 12:
		a := s.signing(party, some, 0)
		a.What, a.Field, a.Seal, a.Request = flow.Sealed, fmt.Sprintf("S%d", party), "s", some
		s.says(person, a)
	}
}

// sound: acts stand in the order of steps, sizes grow, and complete means that everybody acted.
func sound(t *testing.T, seed uint64, st *flow.State) {
	t.Helper()
	size := uint64(0)
	for _, v := range st.Versions {
		if v.Size <= size {
			t.Fatalf("seed %d: a version does not grow", seed)
		}
		size = v.Size
	}
	open := false
	for _, p := range st.Parties {
		if p.Role.Acts() && !p.Acted() {
			open = true
			for _, q := range st.Parties {
				if q.Acted() && q.Step > p.Step {
					t.Fatalf("seed %d: party %d acted before %d", seed, q.ID, p.ID)
				}
			}
		}
		if p.Acted() && !slices.Contains(p.Ever, p.Person) {
			t.Fatalf("seed %d: a stranger acted", seed)
		}
	}
	if open == (st.Phase == flow.Completed) {
		t.Fatalf("seed %d: phase %d, somebody is missing: %v", seed, st.Phase, open)
	}
	if !open && st.Holder != 0 || open && st.HolderPerson().IsZero() {
		t.Fatalf("seed %d: holder %d", seed, st.Holder)
	}
}
