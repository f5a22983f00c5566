package chat

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"roundtable/backend/errcode"
)

func TestFileNames(t *testing.T) {
	for text, want := range map[string]string{
		"平面图.dwg": "平面图.dwg", " a.txt ": "a.txt", "CON": "CON", "a..b": "a..b", ".profile": ".profile", "e\u0301.txt": "é.txt", "😀.png": "😀.png",
	} {
		if got, err := fileName(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]error{
		"": errcode.NameEmpty, "  ": errcode.NameEmpty, ".": errcode.NameInvalid, "..": errcode.NameInvalid, "a/../b": errcode.NameInvalid, `a\b`: errcode.NameInvalid,
		"a\x00b": errcode.NameInvalid, "a\nb": errcode.NameInvalid, "gnp\u202e.exe": errcode.NameInvalid, "\xff": errcode.NameInvalid,
		strings.Repeat("x", 300): errcode.NameTooLong, strings.Repeat("长", 90): errcode.NameTooLong,
	} {
		if got, err := fileName(text); !errors.Is(err, want) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

// A file is not refused for its name: it gets one that hides nothing.
func TestSharedNames(t *testing.T) {
	for text, want := range map[string]string{
		"平面图.dwg": "平面图.dwg", "a/../b": "a_.._b", `..\..\x.txt`: ".._.._x.txt", "gnp\u202e.exe": "gnp_.exe", "photo\u202egnp.exe": "photo_gnp.exe", "a\nb.txt": "a_b.txt", "a\x00.txt": "a_.txt",
		"\xffa.txt": "_a.txt", "..": "__", "CON": "CON", strings.Repeat("x", 296) + ".pdf": strings.Repeat("x", 251) + ".pdf",
		strings.Repeat("长", 100) + ".docx": strings.Repeat("长", 83) + ".docx", strings.Repeat("e\u0301", 200) + ".txt": strings.Repeat("é", 125) + ".txt",
	} {
		if got, err := sharedName(text); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	if got, err := sharedName(" \u200b"); !errors.Is(err, errcode.NameEmpty) {
		t.Errorf("nothing: %q, %v", got, err)
	}
}

// What is saved has a name that every system takes, and one that is free.
func TestSavedNames(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"a.txt", 0, "a.txt"}, {"a.txt", 2, "a (2).txt"}, {"a", 1, "a (1)"}, {"CON", 0, "_CON"}, {"nul.txt", 0, "_nul.txt"}, {"Com1.tar.gz", 0, "_Com1.tar.gz"},
		{"common.txt", 0, "common.txt"}, {"a:b?.txt", 0, "a_b_.txt"}, {"a. ", 0, "a"}, {".gitignore", 0, "_.gitignore"}, {"..", 0, "_"},
		{strings.Repeat("x", 251) + ".txt", 1, strings.Repeat("x", 247) + " (1).txt"},
	} {
		if got := freeName(c.text, c.n); got != c.want {
			t.Errorf("%q, %d: %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("a.txt", 3)
	f.Add("CON.", 0)
	f.Add(strings.Repeat("长", 85), 999)
	f.Add(" .", 0)
	f.Add("a/\u202e"+strings.Repeat(".", 300), 1)
	f.Fuzz(func(t *testing.T, text string, n int) {
		shared, err := sharedName(text)
		if again, err2 := fileName(shared); err == nil && (err2 != nil || again != shared) || err != nil && !errors.Is(err, errcode.NameEmpty) {
			t.Errorf("%q is sent as %q: %v, %v", text, shared, err, err2)
		}
		clean, err := fileName(text)
		if err != nil {
			return
		}
		if again, err := fileName(clean); err != nil || again != clean {
			t.Errorf("%q is not clean: %q, %v", clean, again, err)
		}
		got := freeName(clean, n%1000)
		if got == "" || got == "." || got == ".." || strings.ContainsAny(got, "/\\\x00:") || !utf8.ValidString(got) || len(got) > maxFileName {
			t.Errorf("%q is saved as %q", clean, got)
		}
	})
}

func TestMediaTypes(t *testing.T) {
	for text, want := range map[string]string{
		"image/png": "image/png", "Image/PNG": "image/png", "text/plain; charset=utf-8": "text/plain", "": anyContent, "nonsense": anyContent,
		"a/b/c": anyContent, "image/\npng": anyContent, "/x": anyContent, "x/": anyContent, strings.Repeat("a", 60) + "/" + strings.Repeat("b", 60): anyContent,
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	} {
		if got := mediaOf(text); got != want || !validMedia(got) {
			t.Errorf("%q: %q", text, got)
		}
	}
	for media, want := range map[string]bool{"image/png": true, "image/svg+xml": false, "text/html": false, "image/tiff": false} {
		if shows(media, 10, 10) != want {
			t.Error(media)
		}
	}
	if shows("image/png", 0, 0) || shows("image/png", 30_000, 30_000) {
		t.Error("a picture of no size, or of 900 million pixels")
	}
}
