package people_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roundtable/backend/people"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

var tables = []string{
	`SELECT space, stamp, device, seq, person, name FROM people_naming ORDER BY 1, 2`,
	`SELECT space, person, stamp, device, seq, name, title, department, phone, email FROM people_profile ORDER BY 1, 2`,
}

// Events in, tables out.
func TestGolden(t *testing.T) {
	b := testspace.NewBench(t, people.Projection{})
	profile := func(fields ...string) map[int]string {
		m := map[int]string{}
		for i, f := range fields {
			if f != "" || i == 0 {
				m[i+1] = f
			}
		}
		return m
	}
	take := func(line string, body any) { b.Takes(b.Event(line, body)) }
	take("W li@1:1 10 people.workspace_named", map[int]string{1: "远山"})
	take("W li@1:2 11 people.profile_set", profile("李", "经理", "销售", "123", "li@example.org"))
	take("W wang@1:1 12 people.profile_set", profile("王"))
	take("W wang@1:2 14 people.workspace_named", map[int]string{1: "王的"})
	take("W wang@2:1 13 people.profile_set", profile("王二", "工程师")) // a later feed
	take("W wang@1:3 12 people.profile_set", profile("早些的王"))      // later, by an older time of the same moment
	take("early W li@1:9 99 people.profile_set", profile("不算"))
	take("V li@5:1 10 people.profile_set", profile("别处的李"))
	for _, bad := range []any{
		profile(""), profile("x\x00"), profile(strings.Repeat("长", wire.MaxName+1)), profile("a", strings.Repeat("b", wire.MaxProfileField+1)),
		profile(" 空格"), map[int]string{2: "no name"}, map[int]string{1: "a", 9: "unknown"}, wire.Raw{0xff}, wire.Raw{}, 7,
	} {
		take("W li@1:3 50 people.profile_set", bad)
		take("W li@1:4 51 people.workspace_named", bad)
	}
	take("W li@1:5 60 people.unknown_kind", 1)
	golden(t, "tables.txt", b.Rows(tables...))
}

// FuzzBodies: no body stops the projection.
func FuzzBodies(f *testing.F) {
	b := testspace.NewBench(f, people.Projection{})
	f.Add(wire.MustEncode(map[int]string{1: "远山"}))
	f.Add(wire.MustEncode(map[int]string{1: "李", 2: "经理", 5: "li@example.org"}))
	f.Add([]byte{0xa1, 0x01, 0x61, 0xff})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range []string{"people.workspace_named", "people.profile_set"} {
			b := b.For(t)
			e, _ := b.Event("W li@1:1 5 "+kind, wire.Raw(body))
			b.Tries(e)
		}
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
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
