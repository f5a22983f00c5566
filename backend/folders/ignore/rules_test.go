package ignore

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// check has paths, those of folders with a slash at the end.
func check(t *testing.T, r *Rules, hidden, shown string) {
	t.Helper()
	for i, list := range []string{hidden, shown} {
		for _, name := range strings.Split(list, "|") {
			name, folder := strings.CutSuffix(name, "/")
			if got, line := r.Match(name, folder); got != (i == 0) {
				t.Errorf("%q, folder %v: hidden %v by line %d", name, folder, got, line)
			}
		}
	}
}

// The examples of git's documentation, and what is said there in words.
func TestWhatGitDocuments(t *testing.T) {
	for _, c := range []struct{ text, hidden, shown string }{
		{"hello.*", "hello.txt|a/hello.java|hello./", "hello|ahello.c"},
		{"/hello.*", "hello.txt|hello.c/x", "a/hello.java"},
		{"foo/", "foo/|foo/x|a/foo/", "foo|a/foo"},
		{"doc/frotz", "doc/frotz|doc/frotz/|doc/frotz/x", "a/doc/frotz"},
		{"/doc/frotz/", "doc/frotz/", "doc/frotz|a/doc/frotz/"},
		{"foo/*", "foo/test.json|foo/bar/|foo/bar/hello.c", "foo/|foo"},
		{"# exclude everything except directory foo/bar\n/*\n!/foo\n/foo/*\n!/foo/bar", "x|foo/x|foo/baz/", "foo/|foo/bar/|foo/bar/x"},
		{"**/foo", "foo|a/foo|a/b/foo", "afoo"},
		{"**/foo/bar", "foo/bar|a/foo/bar", "foo/x/bar"},
		{"abc/**", "abc/x|abc/x/y", "abc/|abc|x/abc/y"},
		{"a/**/b", "a/b|a/x/b|a/x/y/b", "a/xb|ab"},
		{"a**/b", "a/b|ax/b", "a/x/b"},
		{"*.html\n!foo.html", "x.html|a/x.html", "foo.html|a/foo.html"},
		{"build/\n!build/keep", "build/|build/keep", "keep"}, // not below a hidden folder
		{"\\#x\n\\!y\nz\\ \nw  ", "#x|!y|z |w", "x|y|z|w  "},
		{"[a-c]x[!0-9]\n[[:upper:]]y", "axb|cx-|By", "dxb|ax1|by"},
		{"# c\n\n   \n", "", "# c| "},
		{"\ufeffa\r\nb\r\n", "a|b", "\ufeffa|a\r"},
		{"文件?.txt\n[一二三]月\n*草稿*", "文件一.txt|二月|我的草稿.docx|草稿", "文件.txt|文件一二.txt|四月"},
		{"e\u0301t\u00e9", "\u00e9t\u00e9", "ete"},
	} {
		rules, bad := Parse(c.text)
		if len(bad) > 0 {
			t.Errorf("%q: bad lines %v", c.text, bad)
		}
		hidden := c.hidden
		if hidden == "" {
			hidden = Own
		}
		check(t, rules, hidden, c.shown)
	}
}

func TestLinesAreNamed(t *testing.T) {
	rules, bad := Parse("# first\n*.o\n\nbuild/\n!keep.o\n[x\n!.DS_Store\n!\na//b\n/\nx\\\n")
	if !slices.Equal(bad, []int{6, 8, 9, 10, 11}) {
		t.Errorf("bad lines %v", bad)
	}
	for name, want := range map[string]struct {
		hidden bool
		line   int
	}{
		"a.o": {true, 2}, "d/a.o": {true, 2}, "build/x/keep.o": {true, 4}, "keep.o": {false, 5}, "plain": {false, NoLine}, "": {false, NoLine},
		".DS_Store": {false, 7}, "a/Thumbs.db": {true, BuiltIn}, ".roundtable": {true, Always}, ".roundtable/keep.o": {true, Always},
	} {
		if hidden, line := rules.Match(name, false); hidden != want.hidden || line != want.line {
			t.Errorf("%q: %v by %d, want %v", name, hidden, line, want)
		}
	}
	if hidden, _ := rules.MatchEntry("build/x", false); hidden {
		t.Error("an entry is judged by the folder it is in")
	}
}

func TestLitterIsHiddenAndMayBeShown(t *testing.T) {
	if _, bad := parse(Litter, true); len(bad) > 0 {
		t.Fatalf("built-in lines %v are bad", bad)
	}
	none, _ := Parse("")
	check(t, none,
		".DS_Store|a/.ds_store|._x|Icon\r|a/Thumbs.db|DESKTOP.INI|$RECYCLE.BIN/|$Recycle.Bin/x|System Volume Information/x|.Spotlight-V100/|.fseventsd/|"+
			".Trashes/|.Trash-1000/|lost+found/|.nfs00000123|a/~$报告.docx|.~lock.a b.odt#|.~方案.wps|.a.txt.swp|.swp|.#x|x.crdownload|.stfolder/|.~roundtable-1|a/.~RoundTable-x|.Roundtable/x",
		"DS_Store|a/lost+found/|$RECYCLE.BIN|a.swp|a~|x.bak|.git/|node_modules/|.nfs|Icon|a/.roundtable|a/.roundtable/|.roundtableignore|x.part|#x#|~x|.trash")
	shown, _ := Parse("!.DS_Store\n!~$*\n!.roundtable\n!.~roundtable-*")
	check(t, shown, ".roundtable/|.~roundtable-1|Thumbs.db", ".DS_Store|~$a.docx")
}

func TestCaseIsFoldedWhereTheDiskDoes(t *testing.T) {
	text := "Build/\n*.TMP\nÄ?x\n[a-c]1\n[!D]2\n[[:upper:]]3\nΣ"
	exact, _ := Parse(text)
	check(t, exact, "Build/|x.TMP|Äöx|a1|d2|A3|Σ", "build/|x.tmp|äöx|A1|D2|a3|σ")
	folding, _ := ParseFolding(text)
	check(t, folding, "build/|BUILD/|x.tmp|äÖX|A1|a3|σ|ς", "D2|d2")
}

func TestBounds(t *testing.T) {
	long := strings.Repeat("x\n", MaxRules+5) + "last\n"
	rules, bad := Parse(long)
	if len(rules.own.list) != MaxRules || !slices.Equal(bad, []int{MaxRules + 1}) {
		t.Errorf("%d rules, bad %v", len(rules.own.list), bad)
	}
	wide := strings.Repeat("# "+strings.Repeat("c", 97)+"\n", MaxFile/100) + "a\n" + strings.Repeat("b", 100)
	rules, bad = Parse(wide)
	if len(rules.own.list) != 1 || !slices.Equal(bad, []int{MaxFile/100 + 2}) {
		t.Errorf("%d rules, bad %v", len(rules.own.list), bad)
	}
	if rules, bad = Parse(strings.Repeat("y", MaxFile+1)); len(rules.own.list) != 0 || !slices.Equal(bad, []int{1}) {
		t.Errorf("one line: %d rules, bad %v", len(rules.own.list), bad)
	}
}

// Patterns that keep a matcher busy that tries every star.
func TestNoPatternIsSlow(t *testing.T) {
	var text strings.Builder
	for i := range 100 {
		text.WriteString(strings.Repeat("*a", 20+i) + "b\n" + strings.Repeat("**/a*a/", 40) + "b\n" + strings.Repeat("[a-z]*", 30) + "!\n")
	}
	rules, _ := Parse(text.String())
	name := strings.Repeat(strings.Repeat("a", 250)+"/", 16) + strings.Repeat("a", 60)
	began := time.Now()
	if hidden, _ := rules.Match(name, false); hidden {
		t.Error("hidden")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	} else {
		t.Logf("took %v", took)
	}
}

// FuzzMatch: no rules file and no path does harm, and what git's documentation
// says of all of them holds.
func FuzzMatch(f *testing.F) {
	f.Add("*.o\n!a/**/b\n/x/[!a-z]/\n\\#", "a/x/b.o", true)
	f.Add("[[:alpha:]-]*\n**/", "x/y", false)
	f.Add("[\\]\n\xff\n***/a", "\xff/a", false)
	f.Add(Litter, ".Trash-1/x", true)
	f.Fuzz(func(t *testing.T, text, name string, folder bool) {
		for _, read := range []func(string) (*Rules, []int){Parse, ParseFolding} {
			rules, bad := read(text)
			lines := strings.Count(text, "\n") + 1
			if len(bad) > lines || len(bad) > 0 && (bad[len(bad)-1] > lines || bad[0] < 1) {
				t.Fatalf("bad lines %v of %d", bad, lines)
			}
			hidden, line := rules.Match(name, folder)
			if line > lines || line < Always || hidden && line == NoLine {
				t.Errorf("%q: %v by line %d of %d", name, hidden, line, lines)
			}
			if below, _ := rules.Match(name+"/x", false); folder && name != "" && hidden && !below {
				t.Errorf("%q is hidden, not what is below it", name)
			}
			none, _ := read("")
			if all, _ := none.Match(name, folder); len(rules.own.list) == 0 && all != hidden {
				t.Errorf("%q: hidden %v by no rules", name, hidden)
			}
		}
	})
}

// BenchmarkMatch: each path with its folders, against 50 rules as people write them.
func BenchmarkMatch(b *testing.B) {
	var text strings.Builder
	for i := range 10 {
		fmt.Fprintf(&text, "*.e%d\nname%d\n/root%d/sub/\na*b%d\n**/cache%d/*.bin\n", i, i, i, i, i)
	}
	rules, _ := Parse(text.String())
	r := rand.New(rand.NewPCG(1, 1))
	paths := make([]string, 10_000)
	for i := range paths {
		for range 4 {
			paths[i] += "Folder " + strconv.Itoa(r.IntN(100)) + "/"
		}
		paths[i] += "document " + strconv.Itoa(r.IntN(1000)) + ".docx"
	}
	b.Run("Match", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			rules.Match(paths[i%len(paths)], false)
		}
	})
	b.Run("MatchEntry", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			rules.MatchEntry(paths[i%len(paths)], false)
		}
	})
}
