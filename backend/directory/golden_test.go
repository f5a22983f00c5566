package directory_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roundtable/backend/directory"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

var tables = []string{
	`SELECT space, stamp, device, seq, person, body FROM directory_said ORDER BY 1, 2, 3, 4`,
	`SELECT space, person, stamp, device, seq, kind, from_day, to_day, note FROM directory_away ORDER BY 1, 2`,
	`SELECT space, stamp, device, seq, person, body FROM directory_vault ORDER BY 1, 2, 3, 4`,
	`SELECT space, stamp, device, seq, person, body FROM directory_keys ORDER BY 1, 2, 3, 4`,
}

type m = map[int]any

func id16(name string) (id [16]byte) { copy(id[:], name); return id }

// Events in, tables out.
func TestGolden(t *testing.T) {
	b := testspace.NewBench(t, directory.Projection{})
	take := func(line string, body any) { b.Takes(b.Event(line, body)) }
	change := func(more m) m {
		more[1], more[2] = id16("batch"), 1
		return more
	}
	record := m{1: id16("li"), 2: m{1: "李卓然", 2: "A7"}, 3: m{1: []m{{1: id16("sales"), 2: "经理", 3: true}}, 2: id16(""), 3: "三楼"}, 4: m{1: []string{"123"}, 2: "li@example.org"}, 5: "会说\n两种话"}
	take("W li@1:1 10 directory.changed", change(m{3: []m{{1: id16("sales"), 2: "销售", 3: m{1: id16(""), 2: 1}}}}))
	take("W li@1:2 12 directory.changed", change(m{4: []m{record}}))
	take("W wang@1:1 11 directory.changed", change(m{5: []m{{1: id16("sales"), 2: testspace.Person("wang"), 3: true}}})) // judged when it is folded
	take("W wang@1:2 20 directory.away_set", m{1: 1, 2: "2026-02-01", 3: "2026-02-10", 4: "回家过年"})
	take("W wang@2:1 19 directory.away_set", m{1: 2, 2: "2026-02-01", 3: "2026-02-01"}) // later, by an older time
	take("W li@1:3 21 directory.away_set", m{1: 0})
	take("W li@1:4 22 directory.vault_made", m{1: id16("key"), 2: []m{{1: testspace.Device("li"), 2: []byte{1, 2}}}})
	veil := m{1: 1, 2: 1, 3: id16("text"), 4: []byte{7}}
	veils := func(v ...m) m { return change(m{6: []m{{1: id16("li"), 2: v}}}) }
	take("W li@1:5 23 directory.hidden_changed", veils(veil, m{1: 4, 2: 0, 3: id16("")}))
	take("W li@1:6 24 directory.keys_given", m{1: []m{{1: id16("line"), 2: id16("sales"), 3: []m{{1: testspace.Device("li"), 2: []byte{1}}}}}, 2: []m{{1: id16("text"), 2: id16("line"), 3: []byte{3}}}})
	take("early W li@1:9 99 directory.changed", change(m{}))
	seq := 0
	for _, bad := range []any{
		m{}, m{1: id16(""), 2: 1}, m{1: id16("b"), 2: 9}, change(m{9: 1}), wire.Raw{0xff}, wire.Raw{}, 7,
		change(m{4: []m{{1: id16("x"), 2: m{1: ""}}}}), change(m{4: []m{{1: id16("x"), 2: m{1: "a\x00"}}}}), change(m{4: []m{{1: id16("")}}}),
		change(m{4: []m{{1: id16("x"), 2: m{1: strings.Repeat("长", wire.MaxProfileField+1)}}}}),
		change(m{3: []m{{1: id16("x"), 3: m{1: id16("x"), 2: 0}}}}),
		m{1: 1, 2: "2026-02-10", 3: "2026-02-01"}, m{1: 1, 2: "2026-02-30", 3: "2026-03-01"}, m{1: 9, 2: "2026-02-01", 3: "2026-02-01"},
		m{1: id16("key"), 2: []m{}},
		veils(), veils(m{1: 0, 2: 1, 3: id16("text"), 4: []byte{7}}), veils(m{1: 5, 2: 1, 3: id16("text"), 4: []byte{7}}), veils(m{1: 1, 2: 3, 3: id16("text"), 4: []byte{7}}),
		veils(veil, veil), veils(m{1: 1, 2: 0, 3: id16("text"), 4: []byte{7}}), veils(m{1: 1, 2: 1, 3: id16("")}), change(m{4: []m{record}, 6: []m{{1: id16("li"), 2: []m{veil}}}}),
		m{1: []m{{1: id16(""), 2: id16("sales")}}}, m{1: []m{{1: id16("line"), 2: id16("")}}}, m{2: []m{{1: id16("a"), 2: id16("a"), 3: []byte{1}}}},
	} {
		seq++
		for _, kind := range []string{"changed", "away_set", "vault_made", "hidden_changed", "keys_given"} {
			take("W mallory@1:"+string(rune('0'+seq%10))+" 50 directory."+kind, bad)
		}
	}
	got := b.Rows(tables...)
	path := filepath.Join("testdata", "tables.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := testspace.Differ(string(want), got); diff != "" {
		t.Errorf("%s: %s", path, diff)
	}
}

// FuzzBodies: no body stops the projection.
func FuzzBodies(f *testing.F) {
	b := testspace.NewBench(f, directory.Projection{})
	f.Add(wire.MustEncode(m{1: id16("b"), 2: 1, 4: []m{{1: id16("x"), 2: m{1: "li"}}}}))
	f.Add(wire.MustEncode(m{1: 1, 2: "2026-02-01", 3: "2026-02-10", 4: "x"}))
	f.Add(wire.MustEncode(m{1: id16("key"), 2: []m{{1: testspace.Device("li"), 2: []byte{1}}}}))
	f.Add(wire.MustEncode(m{1: id16("b"), 2: 1, 6: []m{{1: id16("li"), 2: []m{{1: 1, 2: 1, 3: id16("text"), 4: []byte{7}}}}}}))
	f.Add(wire.MustEncode(m{1: []m{{1: id16("line"), 2: id16("sales")}}, 2: []m{{1: id16("text"), 2: id16("line"), 3: []byte{3}}}}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range []string{"changed", "away_set", "vault_made", "hidden_changed", "keys_given"} {
			b := b.For(t)
			e, _ := b.Event("W li@1:1 5 directory."+kind, wire.Raw(body))
			b.Tries(e)
		}
	})
}
