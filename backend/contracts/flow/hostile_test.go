package flow_test

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"roundtable/backend/clock"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/wire"
)

// forged is another act on the same link.
func (s *story) forged(prev wire.EventID, size uint64, party uint8, consent wire.EventID) *flow.Acted {
	return &flow.Acted{Prev: prev, Party: party, What: flow.Signed, Tail: flow.Blob{File: file(7)}, Size: size + 7, SHA256: [32]byte{66}, Consent: consent, Level: "B-B"}
}

// Who signed last writes another signature, with a stamp from before: the first one stays.
func TestBackdatedAct(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1}, part{"mallory", flow.Signer, 2})
	s.signs("li", 1, 0)
	head, size := s.head, s.size
	s.signs("mallory", 2, 0)
	before := s.state()
	s.saysAt("mallory", s.at-30_000, s.forged(head, size, 2, before.Parties[1].ConsentID))
	after := s.state()
	if after.Phase != flow.Completed || after.Head != before.Head || !reflect.DeepEqual(after.Versions, before.Versions) {
		t.Fatalf("another document: %x, not %x", after.Latest().SHA256, before.Latest().SHA256)
	}
}

// A backdated act of another device of its author counts where stamps alone decide. What the sender preserved stays, and so does what a device
// has seen complete, and both say that there is another.
func TestSwitchedByAnotherDevice(t *testing.T) {
	s := begins(t, part{"mallory", flow.Signer, 1})
	root, size := s.head, s.size
	s.signs("mallory", 1, 0)
	before := s.state()
	s.saysAt("mallory", s.at-30_000, s.forged(root, size, 1, before.Parties[0].ConsentID))
	s.events[len(s.events)-1].Device = wire.DeviceID{9}
	if s.state().Head == before.Head {
		t.Fatal("the test tests nothing")
	}
	here := flow.FoldHere(who("wang"), s.events, flow.Here{Pin: before.Head})
	other := s.events[len(s.events)-1].ID
	if here.Phase != flow.Completed || here.Head != before.Head || here.Conflict != other {
		t.Fatalf("phase %d, head %v, conflict %v", here.Phase, here.Head, here.Conflict)
	}
	if last := here.Timeline[len(here.Timeline)-1]; last.Kind != "conflict" || last.Note == "" || last.Person != who("mallory") {
		t.Errorf("%+v", last)
	}
	kept := &flow.Acted{Prev: before.Head, What: flow.Preserved, Tail: flow.Blob{File: file(50)}, Size: before.Latest().Size + 50, SHA256: [32]byte{5}}
	s.head = s.says("wang", kept)
	if st := s.state(); st.Head != s.head || !st.Preserved || st.Conflict != (wire.EventID{}) {
		t.Error("what was preserved does not count")
	}
	if here := flow.FoldHere(who("wang"), s.events, flow.Here{Pin: before.Head}); here.Head != s.head || here.Conflict != (wire.EventID{}) {
		t.Error("what goes on from the pinned document is no conflict")
	}
}

// The sender says another beginning, with a stamp from before: what was signed stays.
func TestSecondSent(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2})
	again := func(device byte) {
		before := s.state()
		sent := *before.Sent
		sent.Title = "other"
		id := s.saysAt("wang", 1_600_000_000_000, &sent)
		s.events[len(s.events)-1].Device = wire.DeviceID{device}
		if device != 0 {
			s.events[len(s.events)-1].Seq = 1
		}
		if after := s.state(); !reflect.DeepEqual(before, after) {
			t.Errorf("device %d: phase %d -> %d, title %q", device, before.Phase, after.Phase, after.Sent.Title)
		}
		s.events = slices.DeleteFunc(s.events, func(e flow.Event) bool { return e.ID == id })
	}
	again(0)
	s.signs("li", 1, 0)
	again(0)
	again(9)
	s.signs("zhao", 2, 0)
	again(0)
	again(9)
}

// Whom the sender replaced does not sign in front of the new person.
func TestFormerPerson(t *testing.T) {
	s := begins(t, part{"mallory", flow.Signer, 1}, part{"zhao", flow.Signer, 2})
	s.says("wang", &flow.Reassigned{Party: 1, From: who("mallory"), To: who("li")})
	root, size := s.head, s.size
	c := s.says("mallory", &flow.Consented{Party: 1, Base: s.base})
	s.says("mallory", s.forged(root, size, 1, c))
	if st := s.state(); st.Head != root || st.Parties[0].Acted() {
		t.Fatal("who was replaced signs")
	}
	s.head, s.size = root, size
	s.signs("li", 1, 0)
	before := s.state()
	if before.Parties[0].Person != who("li") || !before.Parties[0].Acted() {
		t.Fatal("who came instead does not sign")
	}
	// From before, by another device.
	s.saysAt("mallory", 1_700_000_000_001, &flow.Consented{Party: 1, Base: s.base})
	s.events[len(s.events)-1].Device = wire.DeviceID{9}
	s.saysAt("mallory", 1_700_000_000_002, s.forged(root, size, 1, s.events[len(s.events)-1].ID))
	s.events[len(s.events)-1].Device = wire.DeviceID{9}
	if after := s.state(); after.Head != before.Head || after.Parties[0].Person != who("li") {
		t.Error("a stamp from before takes the place of who came instead")
	}
	s.signs("zhao", 2, 0)
	if st := s.state(); st.Phase != flow.Completed || st.Parties[0].Person != who("li") {
		t.Errorf("phase %d", st.Phase)
	}
}

// A signature that was made before the replacement was heard of, and that somebody went on with, counts.
func TestFormerPersonIsNamed(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2}, part{"chen", flow.Signer, 3})
	s.says("wang", &flow.Reassigned{Party: 1, From: who("li"), To: who("sun")})
	s.signs("li", 1, 0)
	if st := s.state(); st.Parties[0].Acted() || st.Parties[0].Person != who("sun") {
		t.Fatal("a late act counts alone")
	}
	s.signs("zhao", 2, 0)
	if st := s.state(); !st.Parties[0].Acted() || st.Parties[0].Person != who("li") || !st.Parties[1].Acted() || st.Phase != flow.Running {
		t.Fatalf("%v", standings(st))
	}
}

// The keeper of a document is gone: the sender passes it on.
func TestKeeperGone(t *testing.T) {
	s := begins(t, part{"li", flow.Approver, 1}, part{"zhao", flow.Signer, 2}, part{"chen", flow.Signer, 2})
	s.head = s.says("li", &flow.Acted{Prev: s.head, Party: 1, What: flow.Approved, SHA256: s.base, Size: s.size})
	c := s.consents("zhao", 2)
	if st := s.state(); st.Holder != 0 || st.Keeper != who("li") {
		t.Fatalf("holder %d", st.Holder)
	}
	s.says("chen", &flow.Passed{Prev: s.head, Next: 2})
	if st := s.state(); st.Holder != 0 {
		t.Fatal("anybody passes it on")
	}
	s.head = s.says("wang", &flow.Passed{Prev: s.head, Next: 2})
	if st := s.state(); !st.Holds(who("zhao"), 2) {
		t.Fatalf("holder %d", st.Holder)
	}
	s.head = s.says("zhao", s.signing(2, c, 0))
	s.signs("chen", 3, 0)
	if st := s.state(); st.Phase != flow.Completed {
		t.Fatalf("phase %d", st.Phase)
	}
}

// Who keeps the document asks for a seal: its holder need not wait until it is passed on.
func TestSealForTheKeeper(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2}, part{"li", flow.Signer, 2})
	s.signs("li", 1, 0)
	if st := s.state(); st.Holder != 0 || !st.Holds(who("li"), 3) {
		t.Fatalf("holder %d", st.Holder)
	}
	seal := func(party uint8, asker string) {
		field := fmt.Sprintf("S%d", party)
		q := s.says(asker, &flow.SealAsked{Party: party, Field: field, Seal: "seal_1", Holder: who("boss")})
		act := s.signing(party, wire.EventID{}, 0)
		act.What, act.Field, act.Seal, act.Request = flow.Sealed, field, "seal_1", q
		s.says("boss", act)
	}
	seal(2, "zhao")
	if st := s.state(); st.SealedFields["S2"] {
		t.Error("sealed for who has not got the document")
	}
	s.head, s.size = s.state().Head, s.state().Latest().Size
	seal(3, "li")
	if st := s.state(); !st.SealedFields["S3"] || st.Holder != 0 || st.Keeper != who("li") {
		t.Errorf("not sealed: %+v", st.Requests)
	}
}

// A field for one seal takes no other.
func TestSealOfAnotherField(t *testing.T) {
	for _, seal := range []string{"seal_1", "seal_2"} {
		s := begins(t, part{"li", flow.Signer, 1})
		s.events[0].Body.(*flow.Sent).Fields[0].Seal = "seal_1"
		s.says("li", &flow.SealAsked{Party: 1, Field: "S1", Seal: seal, Holder: who("boss")})
		if n := len(s.state().Requests); (n == 1) != (seal == "seal_1") {
			t.Errorf("%s is asked for: %d", seal, n)
		}
		act := s.signing(1, s.consents("li", 1), 0)
		act.Seals = []flow.Impression{{Field: "S1", Seal: seal}}
		s.says("li", act)
		if st := s.state(); (st.Phase == flow.Completed) != (seal == "seal_1") {
			t.Errorf("%s is applied: phase %d", seal, st.Phase)
		}
	}
}

// flood has somebody say everything again and again, on some feeds.
func flood(s *story, rnd *rand.Rand, person string, many int) {
	seqs := map[uint64]uint64{}
	for range many {
		s.at = 1_600_000_000_000 + rnd.Uint64N(200_000_000_000)
		said := len(s.events)
		if deed(s, rnd, person); said == len(s.events) {
			continue
		}
		e := &s.events[len(s.events)-1]
		e.Device, e.Start = wire.DeviceID{byte(len(person))}, 1+rnd.Uint64N(12)
		seqs[e.Start]++
		e.Seq = seqs[e.Start]
	}
}

// However much somebody says, every device looks at the same of it in whatever order it came, and nobody else's word is left out.
func TestFloods(t *testing.T) {
	for seed := range uint64(4) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		s := begins(t, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2})
		s.signs("li", 1, 0)
		head, size := s.head, s.size
		flood(s, rnd, "mallory", 600)
		s.head, s.size = head, size
		s.signs("zhao", 2, 0)
		want := s.state()
		if want.Phase != flow.Completed {
			t.Fatalf("seed %d: phase %d", seed, want.Phase)
		}
		for range 3 {
			events := slices.Clone(s.events)
			rnd.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			if got := flow.Fold(who("wang"), events); !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: another order, another state", seed)
			}
		}
	}
}

// What counted in a feed counts whatever comes behind it: a device that has only a part looks at the same of that part.
func TestBoundsGrowOnly(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1})
	for i := range 3 * flow.Most(flow.KindConsented) {
		s.saysAt("li", uint64(1_700_000_000_000-i), &flow.Consented{Party: 1, Base: s.base, Version: fmt.Sprint(i)})
	}
	last := 0
	for n := 1; n <= len(s.events); n++ {
		said := 0
		for _, e := range flow.Fold(who("wang"), s.events[:n]).Timeline {
			if e.Kind == "consented" {
				said++
			}
		}
		if want := min(n-1, flow.Most(flow.KindConsented)); said != want || said < last {
			t.Fatalf("of %d events %d count", n, said)
		}
		last = said
	}
	st := s.state()
	if want := fmt.Sprint(flow.Most(flow.KindConsented) - 1); st.Parties[0].Consent.Version != want {
		t.Errorf("the last that counts is %s, not %s", st.Parties[0].Consent.Version, want)
	}
}

// A complete contract of which a device has the document is the same whatever comes later.
func TestPinned(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		s := begins(t, part{"li", flow.Signer, 1}, part{"mallory", flow.Signer, 1})
		for st := s.state(); st.Phase != flow.Completed; st = s.state() {
			right(s, rnd, st)
		}
		before := s.state()
		for range 80 {
			s.at = 1_600_000_000_000 + rnd.Uint64N(200_000_000_000)
			said := len(s.events)
			if deed(s, rnd, people[rnd.IntN(len(people))]); said == len(s.events) {
				continue
			}
			e := &s.events[len(s.events)-1]
			e.Device, e.Start = wire.DeviceID(sha256.Sum256([]byte{byte(rnd.IntN(3))})), rnd.Uint64N(3)
		}
		after := flow.FoldHere(who("wang"), s.events, flow.Here{Pin: before.Head})
		if after.Phase != flow.Completed || !reflect.DeepEqual(after.Versions[:len(before.Versions)], before.Versions) {
			t.Fatalf("seed %d: phase %d, %d versions", seed, after.Phase, len(after.Versions))
		}
		if free := s.state(); (free.Head != after.Head) != (after.Conflict != (wire.EventID{})) {
			t.Fatalf("seed %d: conflict %v", seed, after.Conflict)
		}
	}
}

// Stamps of one feed do not go back.
func TestStampsOfOneFeed(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1})
	s.says("wang", &flow.DeadlineSet{Deadline: 1_900_000_000_000})
	s.saysAt("wang", uint64(clock.Stamp(1)), &flow.DeadlineSet{Deadline: 1_800_000_000_000})
	if st := s.state(); st.Deadline != 1_800_000_000_000 {
		t.Errorf("deadline %d", st.Deadline)
	}
}

// A body that is larger than anybody needs is none.
func TestBodiesThatAreTooLarge(t *testing.T) {
	c := &flow.Consented{Party: 1}
	for i := range 50 {
		c.Values = append(c.Values, flow.Value{Field: fmt.Sprintf("f%02d", i), Value: strings.Repeat("x", flow.MaxValue)})
		raw := wire.MustEncode(c)
		if _, _, err := flow.Decode(flow.KindConsented, raw); (err == nil) != (len(raw) <= flow.MaxConsent) {
			t.Fatalf("%d bytes: %v", len(raw), err)
		}
	}
}
