package folders_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/envelope"
	"roundtable/backend/folders"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

var tables = []string{
	`SELECT s.space, v.parent, v.name, hex(v.id) AS id, v.state, v.kind, v.size, v.modified, v.exec, length(v.body) AS body, v.kept, v.stamp, f.device, v.seq, v.cause, v.other
		FROM folders_version v JOIN folders_feed f ON f.row = v.feed JOIN folders_space s ON s.row = v.folder`,
	`SELECT space, files, bytes FROM folders_space`,
	`SELECT t.path, hex(t.id) AS id, t.kept FROM folders_foretold t`,
	`SELECT c.stamp, f.device, c.seq, c.what, c.path, c.other, c.count FROM folders_change c JOIN folders_feed f ON f.row = c.feed`,
	`SELECT p.seq, p.n, length(p.chunks) AS chunks, p.zstd, f.device FROM folders_pack p JOIN folders_feed f ON f.row = p.feed`,
	`SELECT k.chunk, p.seq, p.n FROM folders_packed k JOIN folders_pack p ON p.row = k.pack`,
	`SELECT u.upto, f.device FROM folders_packed_upto u JOIN folders_feed f ON f.row = u.feed`,
	`SELECT space, stamp, device, name FROM folders_naming`,
}

// fields of an entry, by the numbers that they have on the wire.
type fields map[int]any

// file is an entry with one chunk of size bytes that is told by its letter.
func file(path string, letter byte, size uint32, more fields) fields {
	e := fields{1: path, 2: 1, 3: 100, 5: oneChunk(letter, size)}
	for k, v := range more {
		e[k] = v
	}
	return e
}

func oneChunk(letter byte, size uint32) any {
	id := chunk.ID(bytes.Repeat([]byte{letter}, 32))
	return map[int]any{1: size, 3: listOf(chunk.Chunk{ID: id, Size: size})}
}

func listOf(all ...chunk.Chunk) (list []byte) {
	for _, c := range all {
		list = append(append(list, c.ID[:]...), byte(c.Size>>24), byte(c.Size>>16), byte(c.Size>>8), byte(c.Size))
	}
	return list
}

func with(e fields, more fields) fields {
	for k, v := range more {
		e[k] = v
	}
	return e
}

func entries(all ...fields) any { return map[int]any{1: all} }

// version names what an event of a bench said.
func version(who string, seq uint64, index int) []byte {
	id := folders.VersionAt(envelope.Feed{Device: testspace.Device(who), Start: 1, Lane: envelope.Content}, seq, index)
	return id[:]
}

func versions(all ...[]byte) [][]byte { return all }

func packs(upto uint64, all ...any) any { return map[int]any{1: all, 2: upto} }

// pack has chunks that are told by their letters.
func pack(size uint32, more fields, letters string) fields {
	var all []chunk.Chunk
	for _, l := range []byte(letters) {
		all = append(all, chunk.Chunk{ID: chunk.ID(bytes.Repeat([]byte{l}, 32)), Size: size})
	}
	e := fields{1: map[int]any{1: int(size) * len(letters), 2: bytes.Repeat([]byte{7}, 32), 3: bytes.Repeat([]byte{9}, 32)}, 2: listOf(all...)}
	return with(e, more)
}

// Events in, tables out.
func TestGolden(t *testing.T) {
	b := testspace.NewBench(t, folders.NewProjection())
	take := func(line, kind string, body any) { b.Takes(b.Event(line+" folders."+kind, body)) }
	say := func(line string, all ...fields) { take(line, "entries_changed", entries(all...)) }

	take("F li@1:1 10", "named", map[int]string{1: "资料"})
	take("F wang@1:1 9", "named", map[int]string{1: "旧名"})
	say("F li@1:2 20", fields{1: "图", 2: 2}, file("图/一.png", 'a', 5000, nil), file("报告.txt", 'b', 10, nil), fields{1: "链", 2: 3, 6: "图/一.png"})
	// Replaced by who had seen it; moved; removed.
	say("F wang@1:2 30", file("报告.txt", 'c', 20, fields{3: 200, 4: true, 7: versions(version("li", 2, 2))}))
	say("F wang@1:3 31", file("图/二.png", 'a', 5000, fields{8: 1, 9: "图/一.png"}), fields{1: "图/一.png", 7: versions(version("li", 2, 1))})
	say("F wang@1:4 32", fields{1: "链", 7: versions(version("li", 2, 3))})
	// Two at the same time: the later change stands; a copy takes the place of the other.
	say("F li@1:3 40", file("合同.txt", 'd', 7, fields{3: 300}))
	say("F wang@1:5 41", file("合同.txt", 'e', 8, fields{3: 299}))
	say("F zhao@1:1 42", file("稿.txt", 'f', 1, nil), file("别的.txt", 'g', 2, nil))
	say("F wang@1:6 43", file("稿.txt", 'h', 9, fields{3: 50}))
	say("F li@1:4 44", file("稿 (conflict wang).txt", 'h', 9, fields{7: versions(version("wang", 6, 0)), 8: 2, 9: "稿.txt"}))
	// Copies that were made by who knew of different ones: one stays.
	say("F li@1:7 45", file("三.txt", 'o', 1, nil))
	say("F wang@1:13 46", file("三.txt", 'p', 1, fields{3: 101}))
	say("F zhao@1:2 47", file("三 (conflict li).txt", 'o', 1, fields{7: versions(version("li", 7, 0)), 8: 2, 9: "三.txt"}))
	say("F zhao@1:3 48", file("三 (conflict wang).txt", 'p', 1, fields{7: versions(version("wang", 13, 0)), 8: 2, 9: "三.txt"}))
	// A removal does not beat what it had not seen; a folder comes before a file.
	say("F li@1:5 50", fields{1: "别的.txt", 7: versions(version("zhao", 1, 1))})
	say("F wang@1:7 51", file("别的.txt", 'i', 3, fields{7: versions(version("zhao", 1, 1))}))
	say("F li@1:6 52", file("x", 'j', 4, fields{3: 900}))
	say("F wang@1:8 53", fields{1: "x", 2: 2})
	// What replaces comes before what it replaces. What names itself replaces nothing.
	say("F wang@1:9 60", file("后.txt", 'k', 6, fields{7: versions(version("li", 9, 0))}))
	say("F li@1:9 59", file("后.txt", 'l', 5, fields{3: 999}))
	say("F wang@1:10 61", file("等.txt", 'm', 6, fields{7: versions(version("li", 99, 0))}))
	say("F wang@1:11 62", file("自.txt", 'n', 6, fields{7: versions(version("wang", 11, 0))}))
	say("F wang@1:12 63", file("空.txt", 0, 0, fields{5: map[int]any{1: 0}}))

	take("F li@1:20 70", "chunks_packed", packs(9, pack(10, nil, "bd"), pack(20, fields{3: true}, "ff")))
	take("F li@1:21 71", "chunks_packed", packs(3, pack(10, nil, "b")))
	take("F wang@1:21 71", "chunks_packed", packs(0, pack(10, nil, "b")))
	for _, bad := range senseless() {
		for _, kind := range []string{"entries_changed", "chunks_packed", "named"} {
			take("F li@1:77 99", kind, bad)
		}
	}
	golden(t, "tables.txt", b.Rows(tables...))
}

// senseless are bodies of which nothing may be left.
func senseless() []any {
	one := func(e fields) any { return entries(e) }
	out := []any{
		wire.Raw{}, wire.Raw{0xa1, 1, 0x61, 0xff}, wire.Raw{0xf6}, map[int]int{1: 1}, entries(), map[int]string{1: ""}, map[int]string{1: "\x00"}, map[int]string{1: " a"},
		map[int]string{1: strings.Repeat("长", 4000)}, entries(file("a", 'a', 1, nil), file("a", 'b', 1, nil)),
		one(fields{1: "a", 2: 4}), one(fields{1: "a", 2: 1}), one(file("a", 'a', 1, fields{2: 2})), one(file("a", 'a', 1, fields{2: 0})),
		one(fields{1: "a", 2: 3}), one(fields{1: "a", 2: 3, 6: strings.Repeat("x", 4097)}), one(file("a", 'a', 1, fields{6: "x"})),
		one(file("a", 'a', 1, fields{8: 1})), one(file("a", 'a', 1, fields{8: 9})), one(file("a", 'a', 1, fields{9: "b"})), one(file("a", 'a', 1, fields{8: 2, 9: "../b"})),
		one(file("a", 'a', 1, fields{7: make([][]byte, 65)})), one(file("a", 'a', 1, fields{7: [][]byte{{1, 2}}})), one(file("a", 'a', 1, fields{10: 1})),
		one(file("a", 'a', 1, fields{5: map[int]any{1: 5, 3: listOf(chunk.Chunk{Size: 4})}})),                 // sizes lie
		one(file("a", 'a', 1, fields{5: map[int]any{1: 2 << 20, 3: listOf(chunk.Chunk{Size: 2 << 20})}})),     // too large a chunk
		one(file("a", 'a', 1, fields{5: map[int]any{1: 1 << 62, 2: 1, 3: listOf(chunk.Chunk{Size: 36864})}})), // beyond 16 TiB
		one(file("a", 'a', 1, fields{5: map[int]any{1: 1 << 40, 2: 9, 3: listOf(chunk.Chunk{Size: 36864})}})), // too high a tree
		one(file("a", 'a', 1, fields{5: map[int]any{1: 0, 3: listOf(chunk.Chunk{Size: 1})}})),                 // empty with a chunk
		packs(1<<62, pack(1, nil, "a")), packs(1, pack(1, nil, "")), packs(1, pack(1, fields{2: []byte("short")}, "a")), packs(1, pack(1<<20, nil, "ab")),
		packs(1, with(pack(9, nil, "a"), fields{1: map[int]any{1: 8, 2: bytes.Repeat([]byte{7}, 32), 3: bytes.Repeat([]byte{9}, 32)}})),
		packs(1, with(pack(9, nil, "a"), fields{1: map[int]any{1: 9, 2: []byte{7}, 3: bytes.Repeat([]byte{9}, 32)}})),
		packs(1, with(pack(9, nil, "a"), fields{1: map[int]any{1: 9, 2: bytes.Repeat([]byte{7}, 32), 3: bytes.Repeat([]byte{9}, 64)}})),
	}
	for _, path := range hostilePaths {
		out = append(out, one(file(path, 'a', 1, nil)), one(fields{1: path, 2: 2}), one(fields{1: path, 2: 3, 6: "x"}), one(fields{1: path}), one(file("b", 'a', 1, fields{8: 1, 9: path})))
	}
	var many, packed []any
	for i := range 1001 {
		many = append(many, fields{1: fmt.Sprint("n", i), 2: 2})
		packed = append(packed, pack(1, nil, "a"))
	}
	return append(out, map[int]any{1: many}, map[int]any{1: packed[:65]})
}

// hostilePaths must not get into the tables, whatever lies there.
var hostilePaths = []string{
	"", ".", "..", "../x", "/etc/x", "a/../../b", "a/..", "a//b", "a/", "/", `a\b`, `..\x`, "a\x00", "a\nb", "e\u0301", "\xff", strings.Repeat("x", 256), strings.Repeat("x/", 2049) + "x",
	strings.Repeat("d/", 256) + "x", ".roundtable", ".roundtable/folder", ".roundtable/bin/x", ".Roundtable/folder", ".ROUNDTABLE/drafts/x", ".~roundtable-x", "a/.~Roundtable-x",
	".round\u200dtable/folder", "\ufeff.roundtable/x", ".roundtable./x", ".roundtable /x", "ROUNDT~1/folder", "roundt~2",
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
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
