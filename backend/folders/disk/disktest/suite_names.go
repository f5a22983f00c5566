package disktest

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/folders/disk"
)

func testLinks(t *testing.T, s *suite) {
	err := s.tree.Make("l", disk.Link, "inside/../f")
	if !s.tree.Rules().Links {
		if err == nil {
			t.Error("a link was made on a disk that has none")
		}
		return
	}
	s.must(err)
	s.must(s.tree.Make("inside", disk.Folder, ""))
	s.write("f", "target")
	s.write("inside/f", "inner")
	s.must(s.tree.Make("to", disk.Link, "inside"))
	s.must(s.tree.Make("out", disk.Link, "/"))
	s.must(s.tree.Make("nowhere", disk.Link, "没有"))
	if i := s.look("l"); i.Kind != disk.Link || i.Target != "inside/../f" || i.Size != 0 || i.Exec {
		t.Errorf("%+v", i)
	}
	if i := s.look("nowhere"); i.Kind != disk.Link || i.Target != "没有" {
		t.Errorf("%+v", i)
	}
	_, err = s.tree.Open("l")
	s.is(err, disk.ErrEscapes)
	s.is(s.tree.Mark("l", s.look("f").Modified, true), disk.ErrEscapes)
	for _, p := range []string{"to/f", "out/etc", "to/none/deep", "nowhere/x"} {
		_, err := s.tree.Look(p)
		s.is(err, disk.ErrEscapes)
		_, err = s.tree.Open(p)
		s.is(err, disk.ErrEscapes)
		_, err = s.tree.Create(p)
		s.is(err, disk.ErrEscapes)
		s.is(s.tree.Make(p, disk.Folder, ""), disk.ErrEscapes)
		s.is(s.tree.Remove(p), disk.ErrEscapes)
		s.is(s.tree.Move(p, "moved"), disk.ErrEscapes)
		s.is(s.tree.Move("f", p), disk.ErrEscapes)
		s.is(s.tree.Swap(p, "f", "aside"), disk.ErrEscapes)
		s.is(s.tree.Swap("f", "inside/f", p), disk.ErrEscapes)
	}
	s.is(s.tree.List("to", nil, nil), disk.ErrEscapes)
	_, err = s.tree.Create("nowhere") // not through it either
	s.is(err, fs.ErrExist)
	s.must(s.tree.Move("to", "inside/link"))
	s.must(s.tree.Settle("inside/link", "out", "l"))
	s.must(s.tree.Remove("out"))
	s.must(s.tree.Remove("inside/link"))
	s.holds("inside/f", "inner")
	s.holds("f", "target")
}

func testEscapes(t *testing.T, s *suite) {
	s.write("f", "x")
	for _, p := range Hostile {
		errs := []error{s.tree.Remove(p), s.tree.Make(p, disk.Folder, ""), s.tree.Move("f", p), s.tree.Move(p, "g"),
			s.tree.Swap("f", p, "g"), s.tree.Swap(p, "f", "g"), s.tree.Swap("f", "f", p), s.tree.Mark(p, s.look("f").Modified, false)}
		if p != "" { // the root, where one looks
			_, look := s.tree.Look(p)
			errs = append(errs, look, s.tree.List(p, func(disk.Info) error { return nil }, nil))
		}
		_, open := s.tree.Open(p)
		draft, create := s.tree.Create(p)
		if create == nil {
			_ = draft.Close()
		}
		for i, err := range append(errs, open, create) {
			if !errors.Is(err, disk.ErrEscapes) && !errors.Is(err, disk.ErrName) && !errors.Is(err, disk.ErrTooLong) {
				t.Errorf("%.40q: call %d says %v", p, i, err)
			}
		}
	}
	s.holds("f", "x")
	s.lists("", "f")
}

// Hostile are paths that nothing may take, whoever sent them.
var Hostile = []string{
	"", "/", "/etc/passwd", ".", "..", "../f", "a/../../f", "./f", "f/.", "f/", "a//b", "//a", `..\f`, `C:\f`, `a\b`,
	"a\x00b", "a\nb", "a\x7fb", "a\u0085b", "\xff", "a\xc0\xaf", "\xed\xa0\x80", "e\u0301", "\u212b",
	strings.Repeat("x", 256), strings.Repeat("a/", 255) + "a", strings.Repeat(strings.Repeat("y", 200)+"/", 21) + "z",
}

func testNames(t *testing.T, s *suite) {
	rules := s.tree.Rules()
	for _, name := range []string{
		"李卓然.txt", "with space", ".hidden", "-rf", "~", "$HOME", "%TEMP%", "a'b", "{}", "\u200b", "👩‍👩‍👧", "😀 é ñ ß İ ı",
		"con", "NUL.txt", "com1", "LPT9.tar.gz", "COM¹", "aux .x", "trailing.", "trailing ", "a:b", "what?", `"q"`, "a|b", "<>", "*",
		strings.Repeat("长", 85), strings.Repeat("n", 255), "CONSOLE", "com10", "nul-x",
	} {
		want := rules.Check(name)
		d, err := s.tree.Create(name)
		if want != nil {
			s.is(err, disk.ErrName)
			s.is(s.tree.Make(name, disk.Folder, ""), disk.ErrName)
			s.write("ok", "")
			s.is(s.tree.Move("ok", name), disk.ErrName)
			s.must(s.tree.Remove("ok"))
			continue
		}
		if err != nil {
			t.Errorf("%q passes the rules: %v", name, err)
			continue
		}
		s.must(d.Close())
		if got := s.look(name).Path; got != name {
			t.Errorf("%q is now %q", name, got)
		}
		if got := s.paths(""); !slices.Equal(got, []string{name}) {
			t.Errorf("%q is listed as %q", name, got)
		}
		s.must(s.tree.Remove(name))
	}
	long := strings.Repeat("d/", rules.MaxPath/2) + "ddd"
	if rules.MaxPath > 0 && rules.MaxPath < 4000 {
		_, err := s.tree.Create(long)
		s.is(err, disk.ErrTooLong)
	}
}

func testCase(t *testing.T, s *suite) {
	s.must(s.tree.Make("Folder", disk.Folder, ""))
	s.write("Folder/Éa.txt", "one")
	if !s.tree.Rules().FoldsCase {
		s.gone("folder")
		s.gone("Folder/éA.TXT")
		s.write("Folder/éA.TXT", "two")
		s.holds("Folder/Éa.txt", "one")
		return
	}
	if got := s.look("fOLDER/éA.TXT").Path; got != "Folder/Éa.txt" {
		t.Errorf("looked at as %q", got)
	}
	s.holds("folder/éa.txt", "one")
	_, err := s.tree.Create("folder/éa.TXT")
	s.is(err, disk.ErrClash, fs.ErrExist)
	s.is(s.tree.Make("FOLDER", disk.Folder, ""), disk.ErrClash, fs.ErrExist)
	s.write("other", "two")
	s.is(s.tree.Move("other", "folder/éa.txt"), disk.ErrClash, fs.ErrExist)
	s.holds("Folder/Éa.txt", "one")
	s.lists("Folder", "Folder/Éa.txt")
}

func testForm(t *testing.T, s *suite) {
	// The rules are asked, not the disk: NFC is what comes back, whatever it keeps.
	name := "Ångström ế.txt"
	if !norm.NFC.IsNormalString(name) {
		name = norm.NFC.String(name)
	}
	s.write(name, "one")
	s.lists("", name)
	s.holds(name, "one")
	if _, err := s.tree.Create(name); !errors.Is(err, fs.ErrExist) {
		t.Errorf("made twice: %v", err)
	}
	s.must(s.tree.Move(name, "ö"))
	s.lists("", "ö")
}

func testRespell(t *testing.T, s *suite) {
	s.write("readme", "text")
	s.must(s.tree.Make("dir", disk.Folder, ""))
	s.write("dir/f", "in")
	id := s.look("readme").ID
	s.must(s.tree.Move("readme", "README"))
	s.must(s.tree.Move("dir", "Dir"))
	s.lists("", "Dir", "README")
	s.holds("README", "text")
	s.holds("Dir/f", "in")
	if i := s.look("README"); i.ID != id || i.Path != "README" {
		t.Errorf("%+v, ID was %d", i, id)
	}
	s.must(s.tree.Move("Dir/f", "Dir/F"))
	s.lists("Dir", "Dir/F")
	s.must(s.tree.Move("README", "README")) // nothing to do
	s.holds("README", "text")
}
