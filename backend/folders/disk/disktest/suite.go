package disktest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roundtable/backend/folders/disk"
)

// Run tries what every disk.Tree does. open gives an empty one; a hidden folder
// (disk.Hidden) may lie in it.
func Run(t *testing.T, open func(t *testing.T) disk.Tree) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, s *suite)
	}{
		{"a file is written and read", testFile},
		{"a file with holes", testHoles},
		{"marks", testMarks},
		{"what is not there", testMissing},
		{"lists", testList},
		{"folders", testFolders},
		{"links are never followed", testLinks},
		{"paths that lead out", testEscapes},
		{"names that the disk takes", testNames},
		{"names that differ in case", testCase},
		{"names that differ in form", testForm},
		{"moves", testMove},
		{"moves never replace", testMoveTaken},
		{"case-only moves", testRespell},
		{"swaps", testSwap},
		{"swaps that fail change nothing", testSwapFails},
		{"files open while they are moved", testOpenFiles},
		{"a change can be seen", testSame},
		{"settle", testSettle},
		{"many at the same time", testParallel},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, &suite{T: t, tree: open(t)}) })
	}
}

// suite is one test of one tree.
type suite struct {
	*testing.T
	tree disk.Tree
}

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// is expects an error that is all of these.
func (s *suite) is(err error, want ...error) {
	s.Helper()
	for _, w := range want {
		if !errors.Is(err, w) {
			s.Fatalf("error is %v, want %v", err, w)
		}
	}
}

func (s *suite) write(path, content string) {
	s.Helper()
	d, err := s.tree.Create(path)
	s.must(err)
	n, err := d.WriteAt([]byte(content), 0)
	s.must(err)
	if n != len(content) {
		s.Fatalf("%d bytes were written of %d", n, len(content))
	}
	s.must(d.Close())
}

func (s *suite) read(path string) string {
	s.Helper()
	c, err := s.tree.Open(path)
	s.must(err)
	defer c.Close()
	all, err := io.ReadAll(io.NewSectionReader(c, 0, 1<<40))
	s.must(err)
	return string(all)
}

func (s *suite) holds(path, content string) {
	s.Helper()
	if got := s.read(path); got != content {
		s.Fatalf("%s holds %q, want %q", path, got, content)
	}
}

func (s *suite) gone(path string) {
	s.Helper()
	_, err := s.tree.Look(path)
	s.is(err, fs.ErrNotExist)
}

// paths lists a folder, sorted.
func (s *suite) paths(path string) (out []string) {
	s.Helper()
	s.must(s.tree.List(path, func(i disk.Info) error {
		if i.Path != disk.Hidden {
			out = append(out, i.Path)
		}
		return nil
	}, func(name string) { s.Errorf("bad name %q", name) }))
	slices.Sort(out)
	return out
}

func (s *suite) lists(path string, want ...string) {
	s.Helper()
	if got := s.paths(path); !slices.Equal(got, want) {
		s.Fatalf("%q has %q, want %q", path, got, want)
	}
}

func (s *suite) look(path string) disk.Info {
	s.Helper()
	i, err := s.tree.Look(path)
	s.must(err)
	return i
}

func testFile(t *testing.T, s *suite) {
	d, err := s.tree.Create("a.txt")
	s.must(err)
	for _, part := range []struct {
		at   int64
		text string
	}{{6, "world"}, {0, "hello "}, {0, "H"}} {
		_, err := d.WriteAt([]byte(part.text), part.at)
		s.must(err)
	}
	s.must(d.Close())
	if d.Close() == nil {
		t.Error("a draft was closed twice")
	}
	s.holds("a.txt", "Hello world")
	if i := s.look("a.txt"); i.Path != "a.txt" || i.Kind != disk.File || i.Size != 11 || i.Exec || i.Target != "" {
		t.Errorf("%+v", i)
	}
	_, err = s.tree.Create("a.txt")
	s.is(err, fs.ErrExist)
	c, err := s.tree.Open("a.txt")
	s.must(err)
	b := make([]byte, 5)
	if n, err := c.ReadAt(b, 6); n != 5 || string(b) != "world" || err != nil && !errors.Is(err, io.EOF) {
		t.Errorf("read %d %q %v", n, b, err)
	}
	if n, err := c.ReadAt(b, 9); n != 2 || !errors.Is(err, io.EOF) {
		t.Errorf("read %d %v at the end", n, err)
	}
	i, err := c.Look()
	s.must(err)
	if !i.Same(s.look("a.txt")) || i.Path != "a.txt" {
		t.Errorf("an open file is %+v, the name says %+v", i, s.look("a.txt"))
	}
	s.must(c.Close())
	s.must(s.tree.Remove("a.txt"))
	s.gone("a.txt")
}

func testHoles(t *testing.T, s *suite) {
	d, err := s.tree.Create("holes")
	s.must(err)
	_, err = d.WriteAt([]byte("end"), 9)
	s.must(err)
	s.must(d.Size(20))
	s.must(d.Size(11))
	s.must(d.Size(12))
	s.must(d.Close())
	s.holds("holes", strings.Repeat("\x00", 9)+"en\x00")
}

func testMarks(t *testing.T, s *suite) {
	rules := s.tree.Rules()
	asked := time.Unix(1_700_000_001, 123_456_789)
	near := func(i disk.Info) {
		t.Helper()
		if off := asked.Sub(i.Modified); off < 0 || off > time.Duration(rules.Grain) || rules.Grain == 1 && off != 0 {
			t.Errorf("time is off by %v on a disk with grain %v", off, time.Duration(rules.Grain))
		}
	}
	d, err := s.tree.Create("f")
	s.must(err)
	_, err = d.WriteAt([]byte("x"), 0)
	s.must(err)
	s.must(d.Mark(asked, true))
	s.must(d.Close())
	i := s.look("f")
	near(i)
	if i.Exec != rules.Exec {
		t.Errorf("may be run: %v on a disk that keeps the mark: %v", i.Exec, rules.Exec)
	}
	s.must(s.tree.Mark("f", asked.Add(-time.Hour), false))
	asked = asked.Add(-time.Hour)
	i = s.look("f")
	near(i)
	if i.Exec {
		t.Error("the mark was not taken away")
	}
	s.holds("f", "x")
	s.is(s.tree.Mark("none", asked, false), fs.ErrNotExist)
}

func testMissing(t *testing.T, s *suite) {
	s.write("file", "x")
	for _, p := range []string{"none", "none/below", "file/below", "file/below/more", "é/ü", "file/é"} {
		s.gone(p)
		_, err := s.tree.Open(p)
		s.is(err, fs.ErrNotExist)
		s.is(s.tree.Remove(p), fs.ErrNotExist)
		s.is(s.tree.Move(p, "to"), fs.ErrNotExist)
		s.is(s.tree.List(p, nil, nil), fs.ErrNotExist)
		if strings.Contains(p, "/") {
			_, err = s.tree.Create(p)
			s.is(err, fs.ErrNotExist)
			s.is(s.tree.Make(p, disk.Folder, ""), fs.ErrNotExist)
			s.is(s.tree.Move("file", p), fs.ErrNotExist)
		}
	}
	s.is(s.tree.List("file", nil, nil), fs.ErrNotExist)
	if _, err := s.tree.Open("."); err == nil {
		t.Error("the root was opened as a file")
	}
	s.holds("file", "x")
}

func testList(t *testing.T, s *suite) {
	s.lists("")
	want := []string{}
	for i := range 3000 {
		want = append(want, fmt.Sprintf("many/%04d 文件", i))
	}
	s.must(s.tree.Make("many", disk.Folder, ""))
	for _, p := range want {
		s.write(p, "")
	}
	s.lists("many", want...)
	s.lists("", "many")
	if i := s.look(""); i.Kind != disk.Folder || i.Path != "" {
		t.Errorf("the root is %+v", i)
	}
	stop, n := errors.New("enough"), 0
	err := s.tree.List("many", func(disk.Info) error {
		if n++; n == 10 {
			return stop
		}
		return nil
	}, nil)
	if err != stop || n != 10 { //nolint:errorlint // it is to be the same
		t.Errorf("stopped after %d with %v", n, err)
	}
	// What vanishes while it is listed does no harm.
	removed := false
	s.must(s.tree.List("many", func(i disk.Info) error {
		for _, p := range want[:100] {
			if !removed {
				s.must(s.tree.Remove(p))
			}
		}
		removed = true
		return nil
	}, nil))
	s.lists("many", want[100:]...)
	s.must(s.tree.List("many", func(i disk.Info) error {
		if !i.Same(s.look(i.Path)) {
			t.Errorf("listed as %+v, looked at as %+v", i, s.look(i.Path))
		}
		return nil
	}, nil))
}

func testFolders(t *testing.T, s *suite) {
	s.must(s.tree.Make("a", disk.Folder, ""))
	s.must(s.tree.Make("a/b", disk.Folder, ""))
	s.is(s.tree.Make("a", disk.Folder, ""), fs.ErrExist)
	s.write("a/b/f", "deep")
	if i := s.look("a/b"); i.Kind != disk.Folder || i.Size != 0 || i.Exec {
		t.Errorf("%+v", i)
	}
	if err := s.tree.Remove("a"); err == nil {
		t.Error("a folder with something in it was removed")
	}
	if _, err := s.tree.Open("a"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder was opened as a file: %v", err)
	}
	if err := s.tree.Mark("a", time.Now(), false); err == nil {
		t.Error("a folder was marked as a file")
	}
	s.must(s.tree.Move("a/b", "c"))
	s.holds("c/f", "deep")
	s.lists("a")
	s.must(s.tree.Remove("a"))
	if err := s.tree.Make("odd", disk.Other, ""); err == nil {
		t.Error("an odd thing was made")
	}
	if err := s.tree.Move("c", "c/inside"); err == nil {
		t.Error("a folder was moved into itself")
	}
	s.holds("c/f", "deep")
}

func testParallel(t *testing.T, s *suite) {
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			dir := fmt.Sprintf("g%d", g)
			s.check(s.tree.Make(dir, disk.Folder, ""))
			for i := range 20 {
				p := fmt.Sprintf("%s/%d", dir, i)
				d, err := s.tree.Create(p)
				if !s.check(err) {
					return
				}
				_, err = d.WriteAt([]byte(p), 0)
				s.check(err)
				s.check(d.Close())
				// All want one name; one has it.
				if err := s.tree.Move(p, fmt.Sprintf("prize%d", i)); err != nil && !errors.Is(err, fs.ErrExist) {
					s.check(err)
				}
			}
			s.check(s.tree.Settle(dir))
		})
	}
	wg.Wait()
	all := s.paths("")
	for g := range 8 {
		all = append(all, s.paths(fmt.Sprintf("g%d", g))...)
	}
	if want := 8 + 160; len(all) != want {
		t.Errorf("%d names, want %d: %q", len(all), want, all)
	}
}

// check is must for another goroutine.
func (s *suite) check(err error) bool {
	if err != nil {
		s.Error(err)
	}
	return err == nil
}
