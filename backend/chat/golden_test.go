package chat_test

import (
	"bytes"
	"flag"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roundtable/backend/chat"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

var tables = []string{
	`SELECT m.seq, m.stamp, m.flags, m.text, m.aside, f.device, f.start, f.person, f.space FROM chat_message m JOIN chat_feed f ON f.feed = m.feed JOIN chat_room r ON r.id = m.space AND r.space = f.space`,
	`SELECT a.seq, a.stamp, a.n, a.name, a.media, a.width, a.height, a.size, length(a.file) AS file, r.space FROM chat_attachment a JOIN chat_room r ON r.id = a.space`,
	`SELECT p.hash, p.seq, p.stamp, r.space FROM chat_piece p JOIN chat_room r ON r.id = p.space`,
	`SELECT n.seq, n.stamp, n.call, n.at, r.space FROM chat_note n JOIN chat_room r ON r.id = n.space`,
	`SELECT p.seq, p.stamp, p.rseq, r.space FROM chat_reply p JOIN chat_room r ON r.id = p.space`,
	`SELECT x.seq, x.stamp, x.n, x.person, x.label, r.space FROM chat_mention x JOIN chat_room r ON r.id = x.space`,
	`SELECT w.seq, w.stamp, w.person, w.name, w.at, r.space FROM chat_forward w JOIN chat_room r ON r.id = w.space`,
	`SELECT t.seq, t.stamp, t.rseq, t.shown, r.space FROM chat_thread t JOIN chat_room r ON r.id = t.space`,
	`SELECT t.rseq, t.person, t.seq, r.space FROM chat_thread_read t JOIN chat_room r ON r.id = t.space`,
	`SELECT c.seq, c.stamp, hex(c.body) AS body, r.space FROM chat_record c JOIN chat_room r ON r.id = c.space`,
	`SELECT g.seq, g.stamp, g.edited, g.recaller, r.space FROM chat_changed g JOIN chat_room r ON r.id = g.space`,
	`SELECT e.seq, e.person, e.stamp, e.eseq, e.text, r.space FROM chat_edit e JOIN chat_room r ON r.id = e.space`,
	`SELECT c.seq, c.person, c.stamp, c.rseq, r.space FROM chat_recall c JOIN chat_room r ON r.id = c.space`,
	`SELECT x.seq, x.person, x.stamp, x.rseq, r.space FROM chat_reacted x JOIN chat_room r ON r.id = x.space`,
	`SELECT x.seq, x.emoji, x.person, x.stamp, r.space FROM chat_reaction x JOIN chat_room r ON r.id = x.space`,
	`SELECT p.seq, p.person, p.stamp, p.pinned, r.space FROM chat_pin p JOIN chat_room r ON r.id = p.space`,
	`SELECT workspace, person, stamp, seq, seconds FROM chat_span`,
	`SELECT space, person, device, start, seq FROM chat_read`,
	`SELECT space, stamp, device, name FROM chat_naming`,
	`SELECT space, topic, mark, length(picture) AS picture FROM chat_face`,
	`SELECT about, space, person, stamp, device, seq, length(value) AS value FROM chat_word`,
	`SELECT person, space, stamp, seq, describes, adds, pins, posts, replies, mentions FROM chat_rule`,
}

type mark struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Start  uint64
	Seq    uint64
}

func text(s string) map[int]string { return map[int]string{1: s} }

// with is a message with files.
func with(text string, all ...any) map[int]any { return map[int]any{1: text, 2: all} }

// file is an attachment of one piece, changed where a test wants it.
func file(name string, changes map[int]any) any {
	out := map[int]any{1: name, 2: "text/plain", 5: map[int]any{1: 5, 2: bytes.Repeat([]byte{7}, 32), 3: []byte("hash of a piece, 32 bytes long!!")}}
	for k, v := range changes {
		out[k] = v
	}
	return out
}

// noted is a message that is a note of a meeting.
func noted(text string, call []byte, at any) map[int]any {
	return map[int]any{1: text, 3: []any{call, at}}
}

func marks(all ...mark) any { return map[int][]mark{1: all} }

var kinds = []string{"message_posted", "message_edited", "message_recalled", "reaction_set", "message_pinned", "recall_span_set", "read_marked", "thread_read", "group_named", "group_described", "group_pictured", "group_ruled"}

// at names a message of a device's feed that began at 1.
func at(device string, seq uint64) mark {
	return mark{Device: testspace.Device(device), Start: 1, Seq: seq}
}

func deed(device string, seq uint64) map[int]any { return map[int]any{1: at(device, seq)} }

func whom(names ...string) (out []any) {
	for _, n := range names {
		out = append(out, []any{testspace.Person("wang"), n})
	}
	return out
}

func edit(device string, seq uint64, text string, mentioned ...string) map[int]any {
	out := map[int]any{1: at(device, seq), 2: text}
	if len(mentioned) > 0 {
		out[3] = whom(mentioned...)
	}
	return out
}

func set(device string, seq uint64, emoji ...string) map[int]any {
	out := map[int]any{1: at(device, seq)}
	if len(emoji) > 0 {
		out[2] = emoji
	}
	return out
}

// depth is what people make of messages that stand already, or come later.
func depth(take func(line string, body any)) {
	day := func(days int) string { return strconv.Itoa(1000 + days*24*3600*1000<<16) }
	reply := map[int]any{1: "@王敏 回复", 4: at("wang", 1), 5: whom("王敏")}
	take("W chen@1:1 1000 chat.message_posted", reply)
	take("W chen@1:2 1001 chat.message_posted", map[int]any{1: "转发", 6: []any{testspace.Person("wang"), "王敏", 5}})
	take("W chen@1:3 1002 chat.message_edited", edit("chen", 2, "改了"))
	take("W chen@1:5 1004 chat.message_edited", edit("chen", 2, "又改了 @王敏", "王敏"))
	take("W chen@1:4 1003 chat.message_edited", edit("chen", 2, "早些时候改的"))
	take("W wang@1:30 1005 chat.message_edited", edit("chen", 2, "不是作者"))
	take("W chen@1:6 1006 chat.message_edited", edit("chen", 7, "先到的修改"))
	take("W chen@1:7 1000 chat.message_posted", text("后到的原文"))
	take("W wang@1:31 1007 chat.message_recalled", deed("chen", 2)) // manages nothing
	take("W chen@1:8 1008 chat.message_posted", with("撤回", file("a.txt", nil)))
	take("W chen@1:9 1009 chat.message_recalled", deed("chen", 8))
	take("W chen@1:10 1010 chat.message_edited", edit("chen", 8, "撤回以后"))
	take("W chen@1:11 1011 chat.message_recalled", deed("chen", 12))
	take("W chen@1:12 1010 chat.message_posted", with("先撤回", file("b.txt", nil)))
	take("W chen@1:13 1012 chat.message_posted", text("太晚了"))
	take("W chen@1:14 "+day(2)+" chat.message_recalled", deed("chen", 13))
	take("W li@1:40 1100 chat.reaction_set", set("chen", 1, "👍", "❤️"))
	take("W li@1:42 1102 chat.reaction_set", set("chen", 1, "🎉"))
	take("W li@1:41 1101 chat.reaction_set", set("chen", 1))
	take("W wang@1:40 1100 chat.reaction_set", set("chen", 99, "👍"))
	take("W li@1:43 1103 chat.message_pinned", map[int]any{1: at("chen", 1), 2: true})
	take("W li@1:45 1105 chat.message_pinned", deed("chen", 1))
	take("W li@1:44 1104 chat.message_pinned", map[int]any{1: at("chen", 1), 2: true})
	take("W wang@1:44 1104 chat.message_pinned", map[int]any{1: at("chen", 1), 2: true})
	take("W li@1:46 1106 chat.recall_span_set", map[int]uint64{1: 120})
	take("early W chen@1:20 1200 chat.message_posted", reply)
	take("early W chen@1:21 1201 chat.message_edited", edit("chen", 1, "提前的修改不算"))
}

// replying is a message in the thread of another one.
func replying(device string, seq uint64, words string, shown bool) map[int]any {
	return map[int]any{1: words, 7: []any{at(device, seq), shown}}
}

// within is an entry of a record.
func within(words string, files, in int, record bool) []any {
	return []any{testspace.Person("wang"), "王敏", 5, words, files, in, record}
}

func recordOf(entries ...any) map[int]any { return map[int]any{1: "", 8: []any{entries}} }

func threadsAndRecords(take func(line string, body any)) {
	take("W chen@1:50 1300 chat.message_posted", replying("wang", 1, "线索里的回复", false))
	take("W chen@1:51 1301 chat.message_posted", replying("wang", 99, "先到的回复，也发到会话", true))
	take("W chen@1:52 1302 chat.message_posted", replying("chen", 60, "回复自己以后的消息", false))
	take("early W wang@1:60 1303 chat.message_posted", replying("chen", 1, "提前的回复", false))
	take("W li@1:60 1304 chat.thread_read", map[int]any{1: at("wang", 1), 2: []mark{at("chen", 50)}})
	take("W li@1:61 1305 chat.thread_read", map[int]any{1: at("wang", 1), 2: []mark{at("chen", 49), {Start: 1 << 62}}})
	take("W chen@1:53 1306 chat.message_posted", recordOf(within("早", 0, 0, false), within("", 0, 0, true), within("里面", 0, 2, false)))
	filed := recordOf(within("", 1, 0, false))
	filed[2] = []any{file("一.txt", nil)}
	take("W chen@1:54 1307 chat.message_posted", filed)
}

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
	take("W wang@1:10 91 chat.message_posted", with("两个", file("a.txt", nil), file("图.png", map[int]any{2: "image/png", 3: 640, 4: 480})))
	take("W wang@1:11 92 chat.message_posted", with("", file("无字.txt", nil)))
	take("early W wang@1:20 95 chat.message_posted", with("", file("提前.txt", nil)))
	take("early W wang@1:12 93 chat.message_posted", with("", file("提前而后到.txt", nil)))
	take("W wang@1:12 93 chat.message_posted", with("", file("提前而后到.txt", nil)))
	call := []byte("the call of a meeting, 32 bytes!")
	take("W li@1:2 94 chat.message_posted", noted("预算先批一半", call, 751_000))
	take("early W wang@1:13 96 chat.message_posted", noted("提前的纪要", call, 800_000))
	take("early W wang@1:14 97 chat.message_posted", noted("提前而后到的纪要", call, 900_000))
	take("W wang@1:14 97 chat.message_posted", noted("提前而后到的纪要", call, 900_000))
	take("G li@3:1 11 chat.message_posted", text(strings.Repeat("长", wire.MaxMessageText/3)[:12]))
	take("W wang@1:3 31 chat.read_marked", marks(mark{Device: li, Start: 1, Seq: 5}))
	take("W wang@1:4 32 chat.read_marked", marks(mark{Device: li, Start: 1, Seq: 3}, mark{Device: li, Start: 2, Seq: 7}))
	take("W wang@1:5 33 chat.read_marked", marks(mark{Device: li, Start: 1 << 62, Seq: 1}, mark{Device: li, Start: 1, Seq: 1 << 63}))
	take("G wang@1:1 15 chat.group_named", text("新名"))
	take("G li@3:2 14 chat.group_named", text("旧名"))
	take("early G li@3:9 99 chat.group_named", text("不算"))
	take("G li@3:3 16 chat.group_described", text("关于什么"))
	take("G li@3:4 17 chat.group_pictured", map[int][]byte{1: pngOf(image.NewNRGBA(image.Rect(0, 0, 16, 16)))})
	take("G li@3:5 18 chat.group_ruled", map[int]int{1: 1, 4: 1})
	take("G wang@1:2 19 chat.group_named", text("没人管理，规则不算"))
	depth(take)
	threadsAndRecords(take)
	for _, bad := range []any{
		edit("li", 1, ""), edit("li", 0, "x"), edit("", 1, "x"), edit("li", 1, "x", "王敏"), set("li", 1, "a"), set("li", 1, "👍", "👍"), set("li", 1, slices.Repeat([]string{"👍"}, 21)...),
		deed("li", 0), map[int]any{1: []any{li, 1}}, map[int]any{1: at("li", 1<<62)}, map[int]uint64{1: 366*24*3600 + 1},
		map[int]any{1: "@王敏 x", 5: []any{[]any{testspace.Person("wang"), "李"}}}, map[int]any{1: "x", 6: []any{wire.PersonID{}, "王敏", 5}}, map[int]any{1: "x", 6: []any{testspace.Person("wang"), " ", 5}},
		text(""), text(" \n"), text("a\x00b"), text(strings.Repeat("x", wire.MaxMessageText+1)), map[int]int{1: 1},
		map[int]string{1: "a", 2: "b"}, with(""), with(" ", file("a", nil)), with("x", slices.Repeat([]any{file("a", nil)}, 21)...),
		with("x", file("", nil)), with("x", file("..", nil)), with("x", file("a/b", nil)), with("x", file(`a\b`, nil)), with("x", file("a\nb", nil)),
		with("x", file("\u202egnp.exe", nil)), with("x", file(strings.Repeat("x", 256), nil)), with("x", file(" a", nil)), with("x", file("a", map[int]any{2: "text"})),
		with("x", file("a", map[int]any{2: "Text/plain"})), with("x", file("a", map[int]any{2: "text/plain; x=y"})), with("x", file("a", map[int]any{3: 5})),
		with("x", file("a", map[int]any{3: 1 << 16, 4: 1})), with("x", file("a", map[int]any{5: map[int]any{1: 5, 2: []byte("short")}})),
		with("x", file("a", map[int]any{9: 1})), noted("", call, 1), noted("x", call[:31], 1), noted("x", make([]byte, 32), 1), noted("x", call, 7*24*3600*1000+1),
		replying("li", 0, "x", false), replying("", 1, "x", false), map[int]any{1: "x", 7: []any{at("li", 1)}}, replying("li", 7, "x", true),
		recordOf(), recordOf(within("", 0, 0, false)), recordOf(within("x", 1, 0, false)), recordOf(within("x", 0, 1, false)), recordOf(within("x", 0, 0, true)),
		recordOf(within("x", 0, 0, false), within("y", 0, 1, false)), recordOf(within("", 0, 0, true), within("", 0, 1, true), within("", 0, 2, true), within("x", 0, 3, false)),
		recordOf(slices.Repeat([]any{within("x", 0, 0, false)}, 501)...), recordOf(slices.Repeat([]any{within(strings.Repeat("x", 40_000), 0, 0, false)}, 2)...),
		noted("x", call, -1), map[int]any{1: "x", 3: []any{call}}, map[int]int{1: 2}, map[int][]byte{1: pngOf(image.NewNRGBA(image.Rect(0, 0, 16, 17)))}, map[int][]byte{1: []byte("<svg/>")}, map[int][]byte{1: make([]byte, 65<<10)},
		wire.Raw{}, wire.Raw{0xa1, 1, 0x61, 0xff}, marks(make([]mark, 2001)...),
	} {
		for _, kind := range kinds {
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
	f.Add(wire.MustEncode(with("早", file("a.txt", nil), file("图.png", map[int]any{3: 1, 4: 2}))))
	f.Add(wire.MustEncode(noted("早", bytes.Repeat([]byte{5}, 32), 1)))
	f.Add(wire.MustEncode(edit("wang", 1, "@王敏 好", "王敏")))
	f.Add(wire.MustEncode(deed("wang", 1)))
	f.Add(wire.MustEncode(set("wang", 1, "👍", "❤️")))
	f.Add(wire.MustEncode(map[int]any{1: "x", 4: at("li", 1), 6: []any{testspace.Person("wang"), "王敏", 5}}))
	f.Add(wire.MustEncode(replying("li", 1, "x", true)))
	f.Add(wire.MustEncode(map[int]any{1: at("li", 1), 2: []mark{at("chen", 50)}}))
	f.Add(wire.MustEncode(recordOf(within("早", 0, 0, false), within("", 0, 0, true), within("里面", 0, 2, false))))
	f.Add([]byte{0xa1, 0x01, 0x80})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range kinds {
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
