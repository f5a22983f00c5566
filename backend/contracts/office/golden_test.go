package office_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	mathrand "math/rand/v2"
	"strings"
	"testing"
	"time"

	"roundtable/backend/contracts/authority"
	"roundtable/backend/contracts/office"
	"roundtable/backend/event"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var kinds = []event.Kind{
	office.Founded, office.Asked, office.Issued, office.Refused, office.Listed, office.Handed, office.Taken, office.SealNamed,
	office.SealMade, office.SealRight, office.SealEnded, office.SealUsed,
}

const table = `SELECT space, stamp, device, start, seq, person, kind, length(body) AS size FROM office_said`

func bodies() map[string]any {
	li := testspace.Person("li")
	return map[string]any{
		"W li@1:1 10 office.founded":     map[int]any{1: []byte("root")},
		"W wang@1:1 11 office.asked":     map[int]any{1: []byte("request"), 2: "王小明", 5: wire.EventID{}, 6: [32]byte{}},
		"W li@1:2 12 office.issued":      map[int]any{1: wire.EventID{1}, 2: []byte("certificate"), 3: "护照"},
		"W li@1:3 13 office.refused":     map[int]any{1: wire.EventID{1}, 2: ""},
		"W li@1:4 14 office.listed":      map[int]any{1: []byte("list")},
		"W li@1:5 15 office.handed":      map[int]any{1: li, 2: [32]byte{2}, 3: []any{map[int]any{1: testspace.Device("x"), 2: []byte("box")}}},
		"W wang@1:2 16 office.taken":     map[int]any{1: [32]byte{2}},
		"W li@1:6 17 office.seal_named":  map[int]any{1: wire.EventID{3}, 2: "公章", 3: 1},
		"R li@1:1 18 seals.made":         map[int]any{1: "公章", 2: 1, 3: []byte("q"), 4: 119055, 5: 119055},
		"R li@1:2 19 seals.right":        map[int]any{1: wire.EventID{3}, 2: li, 3: 7},
		"R li@1:3 20 seals.ended":        map[int]any{1: wire.EventID{3}, 2: "lost"},
		"R li@1:4 21 seals.used":         map[int]any{1: wire.EventID{3}, 2: testspace.Space("C"), 3: "合同", 4: [32]byte{}, 5: wire.PersonID{}},
		"R li@1:5 22 seals.something":    map[int]any{1: 1},
		"early R li@1:6 23 seals.right":  map[int]any{1: wire.EventID{3}, 2: li, 3: 1},
		"R li@1:7 24 seals.right":        map[int]any{1: wire.EventID{3}, 2: li, 3: 8}, // no such right
		"R li@1:8 25 seals.ended":        map[int]any{1: wire.EventID{3}, 2: "burnt"},
		"W li@1:9 26 office.seal_named":  map[int]any{1: wire.EventID{3}, 2: " 公章", 3: 1},
		"W li@1:10 27 office.seal_named": map[int]any{1: wire.EventID{3}, 2: "公\u202e章", 3: 1},
		"W li@1:11 28 office.founded":    map[int]any{1: make([]byte, 17<<10)},
		"W li@1:12 29 office.asked":      map[int]any{1: []byte("request"), 2: "王", 5: wire.EventID{1}, 6: [32]byte{}}, // a seal without a name
	}
}

// TestAnyOrder: the same events, in whatever order they come, give the same rows; what makes no sense gives none.
func TestAnyOrder(t *testing.T) {
	all := bodies()
	var lines []string
	for line := range all {
		lines = append(lines, line)
	}
	want := ""
	for seed := range uint64(10) {
		b := testspace.NewBench(t, office.NewProjection())
		for _, i := range mathrand.New(mathrand.NewPCG(seed, 2)).Perm(len(lines)) {
			b.Takes(b.Event(lines[i], all[lines[i]]))
		}
		got := b.Rows(table)
		if want == "" {
			want = got
			if n := strings.Count(got, "kind="); n != 12 {
				t.Errorf("%d rows:\n%s", n, got)
			}
		}
		if diff := testspace.Differ(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
}

// FuzzBodies: no body stops the projection, or what is worked out from its tables.
func FuzzBodies(f *testing.F) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	root, err := authority.NewRoot(k, "远山", time.Now())
	if err != nil {
		f.Fatal(err)
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{SerialNumber: wire.PersonID{1}.String()}}, k)
	if err != nil {
		f.Fatal(err)
	}
	one, err := authority.Issue(root, k, k.Public(), authority.Person{Name: "a", Workspace: "远山", ID: wire.PersonID{1}.String()}, time.Now(), time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	list, err := authority.List(root, k, 1, []authority.Revocation{{Serial: one.SerialNumber, At: time.Now(), Reason: 1}}, time.Now())
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range bodies() {
		f.Add(wire.MustEncode(body))
	}
	f.Add(wire.MustEncode(map[int]any{1: wire.EventID{}, 2: one.Raw, 3: "x"}))
	f.Add(wire.MustEncode(map[int]any{1: list}))
	f.Add([]byte{})
	b := testspace.NewBench(f, office.NewProjection())
	f.Fuzz(func(t *testing.T, body []byte) {
		b := b.For(t)
		for _, kind := range kinds {
			e, _ := b.Event("W wang@1:1 5 "+string(kind), wire.Raw(body))
			b.Tries(e)
		}
		office.Tried(root.Raw, request, kinds, body)
	})
}
