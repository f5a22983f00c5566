package chat_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roundtable/backend/chat"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

var tables = []string{
	`SELECT m.seq, m.stamp, m.flags, m.text, f.device, f.start, f.person, f.space FROM chat_message m JOIN chat_feed f ON f.feed = m.feed JOIN chat_room r ON r.id = m.space AND r.space = f.space`,
	`SELECT space, person, device, start, seq FROM chat_read`,
	`SELECT space, stamp, device, name FROM chat_naming`,
}

type mark struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Start  uint64
	Seq    uint64
}

func text(s string) map[int]string { return map[int]string{1: s} }

func marks(all ...mark) any { return map[int][]mark{1: all} }

// Events in, tables out.
func TestGolden(t *testing.T) {
	b := testspace.NewBench(t, chat.NewProjection(testspace.Person("li")))
	take := func(line string, body any) { b.Takes(b.Event(line, body)) }
	li := testspace.Device("li")
	take("W li@1:1 10 chat.message_posted", text("早"))
	take("W wang@1:1 20 chat.message_posted", text("  带空格\n两行 🙂 "))
	take("W wang@1:2 30! chat.message_posted", text("时钟快了"))
	take("early W wang@1:9 90 chat.message_posted", text("提前"))
	take("early W wang@1:8 80 chat.message_posted", text("提前而后到"))
	take("W wang@1:8 80 chat.message_posted", text("提前而后到"))
	take("G li@3:1 11 chat.message_posted", text(strings.Repeat("长", wire.MaxMessageText/3)[:12]))
	take("W wang@1:3 31 chat.read_marked", marks(mark{Device: li, Start: 1, Seq: 5}))
	take("W wang@1:4 32 chat.read_marked", marks(mark{Device: li, Start: 1, Seq: 3}, mark{Device: li, Start: 2, Seq: 7}))
	take("W wang@1:5 33 chat.read_marked", marks(mark{Device: li, Start: 1 << 62, Seq: 1}, mark{Device: li, Start: 1, Seq: 1 << 63}))
	take("G wang@1:1 15 chat.group_named", text("新名"))
	take("G li@3:2 14 chat.group_named", text("旧名"))
	take("early G li@3:9 99 chat.group_named", text("不算"))
	for _, bad := range []any{
		text(""), text(" \n"), text("a\x00b"), text(strings.Repeat("x", wire.MaxMessageText+1)), map[int]int{1: 1},
		map[int]string{1: "a", 2: "b"}, wire.Raw{}, wire.Raw{0xa1, 1, 0x61, 0xff}, marks(make([]mark, 2001)...),
	} {
		for _, kind := range []string{"message_posted", "read_marked", "group_named"} {
			take("W li@1:7 70 chat."+kind, bad)
		}
	}
	golden(t, "tables.txt", b.Rows(tables...))
}

// FuzzBodies: no body stops the projection.
func FuzzBodies(f *testing.F) {
	b := testspace.NewBench(f, chat.NewProjection(testspace.Person("li")))
	f.Add(wire.MustEncode(text("早")))
	f.Add(wire.MustEncode(marks(mark{Start: 1 << 63, Seq: 1 << 63}, mark{Seq: 1})))
	f.Add([]byte{0xa1, 0x01, 0x80})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range []string{"message_posted", "read_marked", "group_named"} {
			b := b.For(t)
			e, _ := b.Event("W wang@1:1 5 chat."+kind, wire.Raw(body))
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
