package folders_test

import (
	"path"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/folders"
	"roundtable/backend/folders/disk"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// FuzzBodies: no body stops the projection.
func FuzzBodies(f *testing.F) {
	b := testspace.NewBench(f, folders.NewProjection())
	f.Add(wire.MustEncode(map[int]string{1: "资料"}))
	f.Add(wire.MustEncode(entries(file("a/b", 'a', 9, fields{7: versions(version("wang", 1, 0))}), fields{1: "c", 2: 3, 6: "a/b"}, fields{1: "d"})))
	f.Add(wire.MustEncode(packs(7, pack(10, nil, "ab"), pack(10, fields{3: true}, "c"))))
	f.Add([]byte{0xa1, 0x01, 0x80})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range []string{"entries_changed", "chunks_packed", "named"} {
			b := b.For(t)
			e, _ := b.Event("F wang@1:1 5 folders."+kind, wire.Raw(body))
			b.Tries(e)
		}
	})
}

// FuzzParseVersion: what is read is what was written.
func FuzzParseVersion(f *testing.F) {
	f.Add("00112233445566778899aabbccddeeff")
	f.Add("00112233445566778899AABBCCDDEEFF")
	f.Add("-")
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := folders.ParseVersion(text); err == nil && v.String() != strings.ToLower(text) {
			t.Errorf("%q is read as %s", text, v)
		}
	})
}

// FuzzLinkStays: whatever folders and links that are allowed lie on the way, no link
// that is allowed leads out, or into what is ours.
func FuzzLinkStays(f *testing.F) {
	for _, target := range []string{"x", "../x", "../../x", "a/../x", "a/b/../../../x", "/etc/passwd", "C:x", `..\x`, ".roundtable/folder", "./.roundtable", "../.Roundtable/x", "", ".", "a//b", "//x", "a/./b"} {
		f.Add("d/l", target)
		f.Add("l", target)
	}
	f.Fuzz(func(t *testing.T, at, target string) {
		if disk.Portable(at) != nil || !folders.LinkStays(at, target) {
			return
		}
		// Any name on the way may be a link to the top: going up behind it leads out.
		depth, named := strings.Count(at, "/"), false
		for part := range strings.SplitSeq(target, "/") {
			switch part {
			case "..":
				if depth--; named || depth < 0 {
					t.Fatalf("%q at %q may lead out", target, at)
				}
			case "", ".":
			default:
				named = true
				depth++
			}
		}
		full := path.Join(path.Dir(at), target)
		if path.IsAbs(target) || full == ".." || strings.HasPrefix(full, "../") || strings.EqualFold(strings.Split(full, "/")[0], disk.Hidden) {
			t.Fatalf("%q at %q leads to %q", target, at, full)
		}
	})
}

// FuzzConflictName: a copy has a name that every log takes, in the folder of the
// original or above it, and says whose it is when there is room.
func FuzzConflictName(f *testing.F) {
	when := time.Unix(1_767_225_600, 0)
	for _, p := range []string{"a.txt", "d/报告.pdf", ".profile", "x." + strings.Repeat("e", 250), strings.Repeat("字", 85), strings.Repeat("d/", 2047) + "x", "\u1112\u1161\u11ab"} {
		f.Add(p, "李")
		f.Add(p, strings.Repeat("王", 100))
		f.Add(p, "a/b\\c\u0085\u007f\n")
		f.Add(p, "e\u0301\xff")
	}
	f.Fuzz(func(t *testing.T, p, who string) {
		if disk.Portable(p) != nil {
			return
		}
		got := folders.ConflictName(p, who, when)
		if err := disk.Portable(got); err != nil {
			t.Fatalf("%q by %q gives %q: %v", p, who, got, err)
		}
		if !strings.Contains(got, "(conflict ") || !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) {
			t.Fatalf("%q by %q gives %q", p, who, got)
		}
		if dir := path.Dir(got); dir != "." && !strings.HasPrefix(p, dir+"/") {
			t.Fatalf("%q gives %q", p, got)
		}
	})
}
