package contracts_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roundtable/backend/contracts"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/event"
	"roundtable/backend/store"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

var tables = []string{
	`SELECT space, kind, stamp, device, seq, person, length(body) AS body FROM contracts_event`,
	`SELECT space, title, phase, sender, sent, deadline, ends, completed, changed, document, sha256 FROM contracts_row`,
	`SELECT space, party, role, person, name, standing FROM contracts_party`,
	`SELECT space, holder FROM contracts_asked`,
	`SELECT hash, space FROM contracts_piece`,
}

// bench has one contract's space, whose creator is li.
func bench(t testing.TB) *testspace.Bench {
	b := testspace.NewBench(t, contracts.NewProjection(testspace.Person("li")))
	b.Do(func(tx *store.Tx) error {
		id, sender, workspace := testspace.Space("C"), testspace.Person("li"), testspace.Space("W")
		_, err := tx.Exec(`INSERT INTO contracts_space VALUES(?, 6, ?, ?, 1)`, id[:], workspace[:], sender[:])
		return err
	})
	return b
}

func sentBody() *flow.Sent {
	return &flow.Sent{Title: "采购合同", Deadline: 1 << 40, Ends: 1 << 41,
		Document: flow.Document{Name: "合同.pdf", Pages: 2, Size: 1000, SHA256: [32]byte{7}, Blob: flow.Blob{File: piece(1000)}},
		Parties: []flow.Party{{ID: 1, Role: flow.Signer, Step: 1, Person: testspace.Person("wang"), Name: "wang"}, {ID: 2, Role: flow.Approver, Step: 1, Person: testspace.Person("zhao"), Name: "zhao"},
			{ID: 3, Role: flow.Copy, Step: 1, Person: testspace.Person("sun")}},
		Fields: []flow.Field{{ID: "stamp", Type: flow.Seal, Party: 1, Page: 1, Rect: [4]int32{0, 0, 1000, 1000}}}}
}

// Events in, tables out. What came before that which began it counts as soon as that is there.
func TestGolden(t *testing.T) {
	b := bench(t)
	take := func(line string, body any) { b.Takes(b.Event(line, body)) }
	take("C wang@1:1 20 contracts.opened", flow.Opened{})
	take("C wang@1:2 30 contracts.consented", flow.Consented{Party: 1, Base: [32]byte{7}, Files: []flow.File{{Field: "f", Name: "a.pdf", Size: 5, Blob: flow.Blob{File: piece(5)}}}})
	take("C mallory@1:1 5 contracts.sent", sentBody())
	take("early C li@1:1 10 contracts.sent", sentBody())
	take("C li@1:1 10 contracts.sent", sentBody())
	take("C li@1:2 40 contracts.reminded", flow.Reminded{Party: 2})
	take("C wang@1:3 50 contracts.seal_asked", flow.SealAsked{Party: 1, Field: "stamp", Seal: "s", Holder: testspace.Person("boss"), Reason: "盖章"})
	take("C zhao@1:1 60 contracts.declined", flow.Declined{Party: 2, Reason: "不同意"})
	take("C mallory@1:2 70 contracts.voided", flow.Voided{})
	take("C li@1:9999 80 contracts.voided", flow.Voided{}) // nobody says so much
	take("D li@1:1 10 contracts.sent", sentBody())         // no contract's space
	for _, kind := range []event.Kind{flow.KindSent, flow.KindActed, flow.KindConsented, flow.KindReassigned, flow.KindSealAsked, "contracts.other"} {
		for _, bad := range []any{map[int]int{1: 1}, map[int]string{1: "x", 9: "y"}, wire.Raw{}, wire.Raw{0xa1, 1, 0x61, 0xff}, []int{1}} {
			take("C wang@1:4 90 "+string(kind), bad)
		}
	}
	path := filepath.Join("testdata", "tables.txt")
	got := b.Rows(tables...)
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := testspace.Differ(string(want), got); diff != "" {
		t.Errorf("%s: %s", path, diff)
	}
}

// FuzzBodies: no body stops the projection.
func FuzzBodies(f *testing.F) {
	b := bench(f)
	b.Takes(b.Event("C li@1:1 10 contracts.sent", sentBody()))
	kinds := []event.Kind{flow.KindSent, flow.KindOpened, flow.KindConsented, flow.KindWithdrawn, flow.KindActed, flow.KindPassed, flow.KindDeclined, flow.KindReassigned, flow.KindVoided,
		flow.KindReminded, flow.KindDeadlineSet, flow.KindSealAsked, flow.KindSealRefused}
	for _, body := range []any{sentBody(), flow.Opened{}, flow.Declined{Party: 1, Reason: strings.Repeat("x", 10)},
		flow.Acted{Party: 1, What: flow.Approved, SHA256: [32]byte{7}, Size: 1000, At: 1}, flow.Reassigned{Party: 1, From: testspace.Person("wang"), To: testspace.Person("li")}} {
		for n := range kinds {
			f.Add(uint8(n), wire.MustEncode(body))
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, body []byte) {
		who := "wang"
		if n >= 128 {
			who = "li" // the sender
		}
		b := b.For(t)
		e, _ := b.Event("C "+who+"@1:2 50 "+string(kinds[int(n)%len(kinds)]), wire.Raw(body))
		b.Tries(e)
	})
}
