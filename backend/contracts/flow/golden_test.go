package flow_test

import (
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/event"
	"roundtable/backend/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

func every() []any {
	id := wire.EventID{1, 2, 3}
	sha := [32]byte{9, 8, 7}
	doc := flow.Document{Name: "合同.pdf", Pages: 2, Size: 5, SHA256: sha, Blob: flow.Blob{File: file(5)}}
	locked := flow.Document{Name: "a.pdf", Pages: 1, Size: 5, SHA256: sha, Blob: flow.Blob{Sealed: []byte("sealed")}, Salt: make([]byte, 16)}
	return []any{
		&flow.Sent{Title: "采购合同", Message: "请签署\n谢谢", Document: doc, Deadline: 1_700_000_000_000, RemindDays: 3, Language: "zh", Ends: 1_800_000_000_000,
			Parties: []flow.Party{{ID: 1, Role: flow.Signer, Step: 1, Person: who("li"), Name: "李䶮", Label: "甲方", Organization: "远山科技"}, {ID: 2, Role: flow.Copy, Step: 1, Name: "sun"}},
			Fields: []flow.Field{{ID: "f1", Type: flow.Text, Party: 1, Page: 1, Rect: [4]int32{72_000, 100_500, 150_000, 20_000}, Label: "身份证号", Required: true, MaxLength: 18, Format: "id_card"},
				{ID: "f2", Type: flow.Seal, Party: 1, Page: 2, Rect: [4]int32{0, 0, 1, 1}, Seal: "seal_1"}, {ID: "f3", Type: flow.Choice, Party: 1, Page: 2, Rect: [4]int32{0, 0, 1, 1}, Choices: []string{"甲", "乙"}},
				{ID: "f4", Type: flow.Number, Party: 1, Page: 2, Rect: [4]int32{0, 0, 1, 1}, Min: "0", Max: "0.5"}}},
		&flow.Sent{Title: "t", Document: locked, Parties: []flow.Party{{ID: 1, Role: flow.Approver, Step: 2, Person: who("li")}}},
		&flow.Opened{},
		&flow.Consented{Party: 1, Base: sha, Values: []flow.Value{{Field: "f1", Value: "11010519491231002X"}, {Field: "f3", Value: "甲"}}, Version: "consent.1", Language: "zh", Look: sha,
			Files: []flow.File{{Field: "f5", Name: "营业执照.pdf", Size: 5, SHA256: sha, Blob: flow.Blob{File: file(5)}}}},
		&flow.Withdrawn{Party: 1},
		&flow.Acted{At: 1_700_000_000_000, Prev: id, Party: 1, What: flow.Signed, Next: 2, Tail: flow.Blob{File: file(7)}, SHA256: sha, Size: 12, Level: "B-T", Stamped: 1_700_000_000_000, Fingerprint: sha[:], Issuer: "远山 Root", Consent: id,
			Seals: []flow.Impression{{Field: "f2", Seal: "seal_1"}}},
		&flow.Acted{At: 1_700_000_000_000, Prev: id, Party: 1, What: flow.Approved, SHA256: sha, Size: 5},
		&flow.Acted{At: 1_700_000_000_000, Prev: id, Party: 1, What: flow.Sealed, Tail: flow.Blob{Sealed: []byte("x")}, SHA256: sha, Size: 12, Seal: "seal_1", Field: "f2", Request: id},
		&flow.Acted{At: 1_700_000_000_000, Prev: id, What: flow.Preserved, Tail: flow.Blob{File: file(7)}, SHA256: sha, Size: 12, Level: "B-LTA"},
		&flow.Passed{Prev: id, Next: 2},
		&flow.Declined{Party: 1, Reason: "金额不对"},
		&flow.Reassigned{Party: 1, From: who("li"), To: who("zhao"), Name: "zhao", Reason: "休假"},
		&flow.Voided{Reason: "改版"},
		&flow.Reminded{Party: 1},
		&flow.DeadlineSet{Deadline: 1_700_000_000_000},
		&flow.DeadlineSet{},
		&flow.SealAsked{Party: 1, Field: "f2", Seal: "seal_1", Holder: who("boss"), Reason: "盖章", Name: "公章"},
		&flow.SealRefused{Request: id, Reason: "未审批"},
		&flow.Consented{Party: 1, Base: sha, Version: "consent.1", Language: "zh", Look: sha, Filled: []byte("sealed")},
	}
}

// The bytes of events are for ever.
func TestGoldenBytes(t *testing.T) {
	var b strings.Builder
	for _, body := range every() {
		raw, err := wire.Encode(body)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s\n", kindOf(body), hex.EncodeToString(raw))
		back, ours, err := flow.Decode(kindOf(body), raw)
		if err != nil || !ours || !reflect.DeepEqual(back, body) {
			t.Errorf("%s: %v\n%+v\n%+v", kindOf(body), err, body, back)
		}
	}
	const path = "testdata/bodies.txt"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("the bytes are others than in %s", path)
	}
}

func TestBodiesThatMakeNoSense(t *testing.T) {
	change := func(fn func(*flow.Sent)) *flow.Sent {
		s := every()[0].(*flow.Sent)
		fn(s)
		return s
	}
	for i, body := range []any{
		change(func(s *flow.Sent) { s.Title = "" }), change(func(s *flow.Sent) { s.Title = "a\nb" }), change(func(s *flow.Sent) { s.Title = "\u202ea" }),
		change(func(s *flow.Sent) { s.Title = strings.Repeat("长", flow.MaxTitle+1) }), change(func(s *flow.Sent) { s.Message = "a\x00" }),
		change(func(s *flow.Sent) { s.Parties = nil }), change(func(s *flow.Sent) { s.Parties[0].ID = 2 }), change(func(s *flow.Sent) { s.Parties[0].Role = 9 }),
		change(func(s *flow.Sent) { s.Parties[0].Role = flow.Viewer }), change(func(s *flow.Sent) { s.Parties[0].Step = 0 }),
		change(func(s *flow.Sent) { s.Fields[0].Party = 3 }), change(func(s *flow.Sent) { s.Fields[0].Page = 3 }), change(func(s *flow.Sent) { s.Fields[1].ID = "f1" }),
		change(func(s *flow.Sent) { s.Fields[0].Rect[2] = 0 }), change(func(s *flow.Sent) { s.Fields[0].ID = "a b" }), change(func(s *flow.Sent) { s.Fields[0].Type = 11 }),
		change(func(s *flow.Sent) { s.Document.Size = 6 }), change(func(s *flow.Sent) { s.Document.Salt = make([]byte, 16) }), change(func(s *flow.Sent) { s.Document.Blob = flow.Blob{} }),
		change(func(s *flow.Sent) { s.Document.Blob.File.Key = nil }), change(func(s *flow.Sent) { s.Deadline = -1 }),
		change(func(s *flow.Sent) { s.Fields = append(s.Fields, make([]flow.Field, flow.MaxFields)...) }),
		&flow.Consented{}, &flow.Consented{Party: 1, Values: []flow.Value{{Field: "b"}, {Field: "a"}}}, &flow.Consented{Party: 1, Values: []flow.Value{{Field: "a"}, {Field: "a"}}},
		&flow.Consented{Party: 1, Values: []flow.Value{{Field: "a"}}, Filled: []byte("sealed")}, &flow.Consented{Party: 1, Filled: make([]byte, flow.MaxConsent)},
		&flow.Acted{At: 1, What: flow.Signed, Size: 1}, &flow.Acted{Party: 1, What: flow.Approved, Size: 1}, &flow.Acted{At: 1, What: flow.Signed, Party: 1, Size: 1}, &flow.Acted{At: 1, What: 5, Party: 1, Size: 1},
		&flow.Acted{At: 1, What: flow.Preserved, Party: 1, Size: 1, Tail: flow.Blob{File: file(1)}}, &flow.Passed{}, &flow.Declined{}, &flow.Declined{Party: 1, Reason: strings.Repeat("x", flow.MaxReason+1)},
		&flow.Reassigned{Party: 1}, &flow.Reminded{}, &flow.DeadlineSet{Deadline: 1 << 53}, &flow.SealAsked{Party: 1, Field: "f"},
	} {
		if _, ours, err := flow.Decode(kindOf(body), wire.MustEncode(body)); err == nil || !ours {
			t.Errorf("%d: %+v is taken", i, body)
		}
	}
}

// FuzzDecode: what is taken has one form, and folding it does not stop.
func FuzzDecode(f *testing.F) {
	for _, body := range every() {
		f.Add(string(kindOf(body)), wire.MustEncode(body))
	}
	f.Fuzz(func(t *testing.T, kind string, raw []byte) {
		body, ours, err := flow.Decode(event.Kind(kind), raw)
		if !ours || err != nil {
			return
		}
		again, err := wire.Encode(body)
		if err != nil || string(again) != string(raw) {
			t.Fatal("another form")
		}
		s := begins(t, part{"li", flow.Signer, 1}, part{"zhao", flow.Approver, 2})
		flow.Fold(who("wang"), append(s.events, flow.Event{ID: wire.EventID{5}, Kind: event.Kind(kind), Person: who("li"), Seq: 1, Stamp: 1, Body: body}))
		flow.Fold(who("li"), []flow.Event{{ID: wire.EventID{5}, Kind: event.Kind(kind), Person: who("li"), Seq: 1, Stamp: 1, Body: body}})
	})
}
