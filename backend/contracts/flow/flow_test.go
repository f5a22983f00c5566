package flow_test

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"roundtable/backend/blob"
	"roundtable/backend/clock"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/event"
	"roundtable/backend/wire"
)

// story makes events as people would.
type story struct {
	t      testing.TB
	events []flow.Event
	at     uint64
	size   uint64
	base   [32]byte
	root   wire.EventID
	head   wire.EventID
}

func who(name string) (id wire.PersonID) { copy(id[:], name); return id }

func kindOf(body any) event.Kind {
	switch body.(type) {
	case *flow.Sent:
		return flow.KindSent
	case *flow.Opened:
		return flow.KindOpened
	case *flow.Consented:
		return flow.KindConsented
	case *flow.Withdrawn:
		return flow.KindWithdrawn
	case *flow.Acted:
		return flow.KindActed
	case *flow.Passed:
		return flow.KindPassed
	case *flow.Declined:
		return flow.KindDeclined
	case *flow.Reassigned:
		return flow.KindReassigned
	case *flow.Voided:
		return flow.KindVoided
	case *flow.Reminded:
		return flow.KindReminded
	case *flow.DeadlineSet:
		return flow.KindDeadlineSet
	case *flow.SealAsked:
		return flow.KindSealAsked
	}
	return flow.KindSealRefused
}

// says adds an event at the next minute; its body has been through its bytes.
func (s *story) says(person string, body any) wire.EventID {
	s.at += 60_000
	return s.saysAt(person, s.at, body)
}

func (s *story) saysAt(person string, ms uint64, body any) wire.EventID {
	s.t.Helper()
	if a, is := body.(*flow.Acted); is {
		a.At = int64(ms)
	}
	raw, err := wire.Encode(body)
	if err != nil {
		s.t.Fatal(err)
	}
	back, ours, err := flow.Decode(kindOf(body), raw)
	if err != nil || !ours {
		s.t.Fatalf("%T: %v", body, err)
	}
	id := wire.EventID(sha256.Sum256(fmt.Append(raw, person, ms, len(s.events))))
	s.events = append(s.events, flow.Event{ID: id, Kind: kindOf(body), Person: who(person), Seq: uint64(len(s.events) + 1), Stamp: clock.Stamp(ms << 16), Body: back})
	return id
}

func file(size uint64) *blob.File {
	n := int((size + blob.PieceSize - 1) / blob.PieceSize)
	return &blob.File{Size: size, Key: make([]byte, 32), Roots: make([]byte, 32*n)}
}

type part struct {
	name string
	role flow.Role
	step uint8
}

// begins a contract that wang sends.
func begins(t testing.TB, parts ...part) *story {
	s := &story{t: t, at: 1_700_000_000_000, size: 1000, base: sha256.Sum256([]byte("base"))}
	sent := &flow.Sent{Title: "采购合同", Document: flow.Document{Name: "合同.pdf", Pages: 3, Size: s.size, SHA256: s.base, Blob: flow.Blob{File: file(s.size)}}}
	for i, p := range parts {
		sent.Parties = append(sent.Parties, flow.Party{ID: uint8(i + 1), Role: p.role, Step: p.step, Person: who(p.name), Name: p.name})
		sent.Fields = append(sent.Fields, flow.Field{ID: fmt.Sprintf("S%d", i+1), Type: flow.Seal, Party: uint8(i + 1), Page: 1, Rect: [4]int32{0, 0, 1000, 1000}})
	}
	s.root = s.says("wang", sent)
	s.head = s.root
	return s
}

func (s *story) consents(person string, party uint8) wire.EventID {
	return s.says(person, &flow.Consented{Party: party, Base: s.base, Version: "consent.1", Language: "zh"})
}

// signing is an act behind the head.
func (s *story) signing(party uint8, consent wire.EventID, next uint8) *flow.Acted {
	s.size += 100
	return &flow.Acted{Prev: s.head, Party: party, What: flow.Signed, Next: next, Tail: flow.Blob{File: file(100)}, Size: s.size,
		SHA256: sha256.Sum256(fmt.Append(nil, s.size)), Consent: consent, Level: "B-B"}
}

func (s *story) signs(person string, party, next uint8) wire.EventID {
	s.head = s.says(person, s.signing(party, s.consents(person, party), next))
	return s.head
}

func (s *story) state() *flow.State { return flow.Fold(who("wang"), s.events) }

func standings(s *flow.State) (out []flow.Standing) {
	for _, p := range s.Parties {
		out = append(out, p.Standing)
	}
	return out
}

func TestTwoAndThenOne(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 1}, part{"chen", flow.Signer, 2}, part{"sun", flow.Copy, 1})
	if st := s.state(); st.Holder != 0 || st.Keeper != who("wang") || !slices.Equal(st.Pending, []uint8{1, 2}) {
		t.Fatalf("at first: %d %v %v", st.Holder, st.Keeper, st.Pending)
	}
	c := s.consents("zhao", 2)
	s.head = s.says("wang", &flow.Passed{Prev: s.head, Next: 2})
	if st := s.state(); !st.Holds(who("zhao"), 2) || st.Holds(who("li"), 1) {
		t.Fatalf("passed: holder %d", st.Holder)
	}
	s.head = s.says("zhao", s.signing(2, c, 0))
	if st := s.state(); st.Holder != 1 {
		t.Fatalf("the only one left: %d", st.Holder)
	}
	s.signs("chen", 3, 0) // too early: counts nowhere
	s.head = s.state().Head
	s.size = s.state().Latest().Size
	s.signs("li", 1, 0)
	s.signs("chen", 3, 0)
	st := s.state()
	want := []flow.Standing{flow.HasSigned, flow.HasSigned, flow.HasSigned, flow.Later}
	if st.Phase != flow.Completed || !slices.Equal(standings(st), want) || len(st.Versions) != 4 {
		t.Fatalf("phase %d, %v, %d versions", st.Phase, standings(st), len(st.Versions))
	}
	kinds := map[string]int{}
	void := 0
	for _, e := range st.Timeline {
		kinds[e.Kind]++
		if e.Void {
			void++
		}
	}
	if kinds["signed"] != 4 || kinds["completed"] != 1 || void != 1 {
		t.Errorf("timeline %v, %d void", kinds, void)
	}
}

func TestSignedBeatsVoid(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1})
	s.saysAt("wang", 1, &flow.Voided{Reason: "backdated"})
	if st := s.state(); st.Phase != flow.Ended {
		t.Fatalf("phase %d", st.Phase)
	}
	s.signs("li", 1, 0)
	if st := s.state(); st.Phase != flow.Completed {
		t.Fatalf("phase %d", st.Phase)
	}
}

func TestStrangersCannotEndIt(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2})
	before := s.state()
	s.says("mallory", &flow.Voided{})
	s.says("mallory", &flow.Declined{Party: 1})
	s.says("mallory", &flow.Reassigned{Party: 1, From: who("li"), To: who("mallory")})
	s.says("mallory", s.signing(1, s.consents("mallory", 1), 0))
	s.says("mallory", &flow.Sent{Title: "x", Document: before.Sent.Document, Parties: before.Sent.Parties})
	s.says("mallory", &flow.DeadlineSet{Deadline: 1})
	s.says("zhao", &flow.Declined{Party: 1})
	s.says("zhao", &flow.Voided{})
	s.says("wang", s.signing(1, s.consents("wang", 1), 0)) // nor does the sender sign for others
	if after := s.state(); !reflect.DeepEqual(before, after) {
		t.Errorf("strangers changed it:\n%+v\n%+v", before, after)
	}
}

func TestRefusedAndReplaced(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1})
	s.says("li", &flow.Declined{Party: 1, Reason: "金额不对"})
	if st := s.state(); st.Phase != flow.Refused || st.Parties[0].Reason != "金额不对" {
		t.Fatalf("phase %d", st.Phase)
	}
	s.says("wang", &flow.Reassigned{Party: 1, From: who("li"), To: who("zhao"), Name: "zhao"})
	if st := s.state(); st.Phase != flow.Running || st.Parties[0].Person != who("zhao") || st.Parties[0].Name != "zhao" || !st.Holds(who("zhao"), 1) {
		t.Fatalf("phase %d", st.Phase)
	}
	s.says("zhao", &flow.Reassigned{Party: 1, From: who("zhao"), To: who("chen")})
	s.signs("chen", 1, 0)
	if st := s.state(); st.Phase != flow.Completed || st.Parties[0].Person != who("chen") {
		t.Fatalf("phase %d", st.Phase)
	}
	// A new person after the act comes too late.
	s.saysAt("wang", 1, &flow.Reassigned{Party: 1, From: who("li"), To: who("sun")})
	if st := s.state(); st.Phase != flow.Completed || st.Parties[0].Person != who("chen") {
		t.Fatalf("phase %d, %v", st.Phase, st.Parties[0].Person)
	}
}

func TestDeadline(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1})
	s.saysAt("wang", s.at+1, &flow.DeadlineSet{Deadline: int64(s.at + 100_000)})
	sent := *s.state().Sent
	if sent.Deadline != 0 {
		t.Fatal("a deadline")
	}
	// A contract without a deadline gets one: who signs later, without knowing, is not undone.
	s.at += 10_000_000
	s.signs("li", 1, 0)
	if st := s.state(); st.Phase != flow.Completed {
		t.Fatalf("phase %d", st.Phase)
	}
	late := begins(t, part{"li", flow.Signer, 1})
	late.events[0].Body.(*flow.Sent).Deadline = int64(late.at + 1000)
	late.signs("li", 1, 0)
	st := late.state()
	if st.Phase != flow.Running || !st.Expired(int64(late.at)) {
		t.Fatalf("phase %d", st.Phase)
	}
	late.says("wang", &flow.DeadlineSet{Deadline: int64(late.at + 10_000_000)})
	if st := late.state(); st.Phase != flow.Completed {
		t.Fatalf("phase %d", st.Phase) // the sender lets it count
	}
}

func TestTwoActsExtendOneLink(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2})
	c := s.consents("li", 1)
	first := s.signing(1, c, 0)
	s.size -= 100
	second := s.signing(1, c, 0)
	second.SHA256[0]++
	a, b := s.says("li", first), s.says("li", second)
	if st := s.state(); st.Head != a {
		t.Error("the earlier one counts")
	}
	s.head = b
	s.signs("zhao", 2, 0)
	if st := s.state(); st.Phase != flow.Completed || st.Versions[1].Event != b {
		t.Error("the longer one counts")
	}
}

func TestSealOfAnother(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1})
	q := s.says("li", &flow.SealAsked{Party: 1, Field: "S1", Seal: "seal_1", Holder: who("boss"), Reason: "盖公章"})
	s.consents("li", 1)
	if st := s.state(); st.Parties[0].Standing != flow.WaitsForSeal || len(st.Requests) != 1 || !st.Requests[0].Open() {
		t.Fatalf("standing %d", st.Parties[0].Standing)
	}
	act := s.signing(1, wire.EventID{}, 0)
	act.What, act.Field, act.Seal, act.Request = flow.Sealed, "S1", "seal_1", q
	s.says("li", act) // not the holder
	s.head = s.says("boss", act)
	again := *act
	again.Prev = s.head
	s.says("boss", &again) // once
	st := s.state()
	if !st.Requests[0].Applied || !st.SealedFields["S1"] || st.Head != s.head || st.Parties[0].Standing != flow.HasConsented {
		t.Fatalf("%+v", st.Requests)
	}
	s.signs("li", 1, 0)
	if s.state().Phase != flow.Completed {
		t.Error("not complete")
	}
	no := begins(t, part{"li", flow.Signer, 1})
	q = no.says("li", &flow.SealAsked{Party: 1, Field: "S1", Seal: "seal_1", Holder: who("boss")})
	no.says("boss", &flow.SealRefused{Request: q, Reason: "未经审批"})
	if st := no.state(); !st.Requests[0].Refused || st.Requests[0].Answer != "未经审批" {
		t.Fatalf("%+v", st.Requests)
	}
}

var people = []string{"wang", "li", "zhao", "chen", "sun", "boss", "mallory"}

func TestHugeLists(t *testing.T) {
	s := begins(t, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2})
	c := s.consents("li", 1)
	act := s.signing(1, c, 0)
	raw := s.events
	for i := range 20_000 { // one device says the same again and again
		id := wire.EventID(sha256.Sum256(fmt.Append(nil, i)))
		prev := *act
		if i%2 == 0 {
			prev.Prev = raw[len(raw)-1].ID
		}
		raw = append(raw, flow.Event{ID: id, Kind: flow.KindActed, Person: who("li"), Seq: uint64(i), Stamp: clock.Stamp(i), Body: &prev},
			flow.Event{ID: wire.EventID(sha256.Sum256(id[:])), Kind: flow.KindDeclined, Person: who("li"), Seq: uint64(i), Stamp: clock.Stamp(i), Body: &flow.Declined{Party: 1}})
	}
	st := flow.Fold(who("wang"), raw)
	if len(st.Timeline) > 500 || len(st.Versions) != 2 {
		t.Errorf("%d lines, %d versions", len(st.Timeline), len(st.Versions))
	}
}
