package disk

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestKey(t *testing.T) {
	folding := Rules{FoldsCase: true}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"README", "readme", true},
		{"A/B/c", "a/b/C", true},
		{"Éa", "éA", true},
		{"Σ", "ς", true}, {"σ", "ς", true},
		{"\u212a", "k", true}, {"\u017f", "S", true}, // Kelvin sign, long s
		{"Ǆ", "ǅ", true}, {"Ω", "ω", true}, {"Ж", "ж", true}, {"Ａ", "ａ", true}, {"Ⅷ", "ⅷ", true},
		{"\u1e9e", "ß", true}, // capital sharp s
		{"ß", "ss", false},    // no disk folds it so, except ext4
		{"e\u0301", "É", true},
		{"\u0390", "\u1fd3", true}, // one letter in two codes
		{"αι", "ᾳ", false}, {"ΑΙ", "αι", true}, {"ᾼ", "ᾳ", true},
		{"ı", "i", false}, {"İ", "i", false}, {"a", "b", false}, {"李", "理", false},
	} {
		if got := folding.Key(c.a) == folding.Key(c.b); got != c.same {
			t.Errorf("%q and %q: same is %v (%q, %q)", c.a, c.b, got, folding.Key(c.a), folding.Key(c.b))
		}
		if (Rules{}).Key(c.a) == (Rules{}).Key(c.b) && norm.NFC.String(c.a) != norm.NFC.String(c.b) {
			t.Errorf("%q and %q are one where case counts", c.a, c.b)
		}
	}
}

func FuzzKey(f *testing.F) {
	f.Add("Éa/ς")
	f.Add("\u0345\u0390\u1fd3")
	f.Fuzz(func(t *testing.T, path string) {
		if !utf8.ValidString(path) || !norm.NFC.IsNormalString(path) {
			return
		}
		folding := Rules{FoldsCase: true}
		key := folding.Key(path)
		if folding.Key(key) != key {
			t.Errorf("%q: the key %q of its key is %q", path, key, folding.Key(key))
		}
		if strings.Count(path, "/") != strings.Count(key, "/") {
			t.Errorf("%q: the key %q has other folders", path, key)
		}
		if (Rules{}).Key(path) != path {
			t.Errorf("%q is folded where nothing is", path)
		}
	})
}

func TestCheckWindows(t *testing.T) {
	windows := Rules{Windows: true, MaxName: 255, MaxPath: 300, Units: true}
	for name, ok := range map[string]bool{
		"a.txt": true, "李.txt": true, ".hidden": true, "a..b": true, " a": true, "console": true, "com": true, "com10": true, "lpt": true,
		"nul-1": true, "xcon": true, "con1": true, "comx": true, "COMé": true,
		"con": false, "CON.txt": false, "prn.a.b": false, "Aux": false, "nul ": false, "nul .txt": false, "COM0": false, "com9.log": false,
		"LPT1": false, "lpt¹": false, "COM².x": false, "com³": false, "CONIN$": false, "conout$": false,
		"a.": false, "a ": false, "a:b": false, "a?": false, "*": false, "<": false, ">": false, "|": false, `"`: false,
		"dir/con/x": false, "dir./x": false, "dir/ok": true,
	} {
		if err := windows.Check(name); (err == nil) != ok || err != nil && !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", name, err)
		}
		if err := (Rules{}).Check(name); err != nil {
			t.Errorf("%q elsewhere: %v", name, err)
		}
	}
	for _, c := range []struct {
		path string
		ok   bool
	}{
		{strings.Repeat("x", 255), true},
		{strings.Repeat("😀", 63), true},
		{strings.Repeat("x/", 150), false}, // ends in a slash
		{strings.Repeat("xy/", 99) + "xyz", true},
		{strings.Repeat("xy/", 99) + "xyzz", false},
		{strings.Repeat("长/", 149) + "长长", true}, // counted in UTF-16, not in bytes
	} {
		if err := windows.Check(c.path); (err == nil) != c.ok {
			t.Errorf("%.20q…: %v", c.path, err)
		}
	}
	if err := (Rules{MaxName: 10}).Check("长长长长"); !errors.Is(err, ErrTooLong) {
		t.Errorf("12 bytes in 10: %v", err)
	}
}

func TestPortable(t *testing.T) {
	for path, want := range map[string]error{
		"a": nil, "a/b/c": nil, "李/卓然.txt": nil, ".": ErrEscapes, "..": ErrEscapes, "a/..": ErrEscapes, "a/./b": ErrEscapes,
		"": ErrEscapes, "/a": ErrEscapes, "a/": ErrEscapes, "a//b": ErrEscapes, `a\b`: ErrEscapes, "...": nil, "..a": nil,
		"a\x00": ErrName, "a\tb": ErrName, "\x7f": ErrName, "\u0080": ErrName, "a\xff": ErrName, "e\u0301": ErrName, "\u00a0": nil,
		strings.Repeat("a", 255): nil, strings.Repeat("a", 256): ErrTooLong,
		strings.Repeat("a/", 254) + "a": nil, strings.Repeat("a/", 255) + "a": ErrTooLong,
		strings.Repeat(strings.Repeat("b", 127)+"/", 31) + strings.Repeat("b", 128): nil,
		strings.Repeat(strings.Repeat("b", 127)+"/", 32) + "c":                      ErrTooLong,
	} {
		if err := Portable(path); !errors.Is(err, want) {
			t.Errorf("%.30q: %v, want %v", path, err, want)
		}
	}
}

// Whatever a peer writes: what passes leads down from the root, by names that are the
// same bytes everywhere.
func FuzzPortable(f *testing.F) {
	for _, p := range []string{"a/b", "../x", "/etc", `a\b`, "a\x00b", "e\u0301", "\xff", strings.Repeat("a/", 300), "a/./b", "con", "é/ü"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if Portable(path) != nil {
			return
		}
		if len(path) > 4096 || !utf8.ValidString(path) || norm.NFC.String(path) != path || strings.ContainsAny(path, "\x00\\\r\n\x7f") {
			t.Fatalf("%q passes", path)
		}
		names := strings.Split(path, "/")
		if len(names) > 255 {
			t.Fatalf("%d names pass", len(names))
		}
		for _, name := range names {
			if name == "" || name == "." || name == ".." || len(name) > 255 {
				t.Fatalf("%q passes", path)
			}
			if logged, ok := asLogged(name); !ok || logged != name {
				t.Fatalf("%q would be listed as %q", name, logged)
			}
		}
	})
}
