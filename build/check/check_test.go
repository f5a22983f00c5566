package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCount(t *testing.T) {
	r := count([]byte(`{"Action":"run","Package":"roundtable/a","Test":"TestGood"}
{"Action":"output","Package":"roundtable/a","Test":"TestGood","Output":"noise\n"}
{"Action":"pass","Package":"roundtable/a","Test":"TestGood"}
{"Action":"output","Package":"roundtable/a","Test":"TestBad","Output":"--- FAIL: TestBad\n"}
{"Action":"output","Package":"roundtable/a","Test":"TestBad","Output":"    a_test.go:7: wrong\n"}
{"Action":"fail","Package":"roundtable/a","Test":"TestBad"}
{"Action":"output","Package":"roundtable/a","Test":"TestNo","Output":"=== RUN   TestNo\n"}
{"Action":"output","Package":"roundtable/a","Test":"TestNo","Output":"    a_test.go:9: needs namespaces\n"}
{"Action":"skip","Package":"roundtable/a","Test":"TestNo"}
{"Action":"fail","Package":"roundtable/a"}
{"Action":"build-output","ImportPath":"roundtable/b","Output":"b.go:1: syntax error\n"}
plain words of the compiler
`))
	if r.passes != 1 || r.fails != 1 || !slices.Equal(r.failed, []string{"a TestBad"}) ||
		!slices.Equal(r.skipped, []string{"a TestNo: a_test.go:9: needs namespaces"}) {
		t.Errorf("%+v", r)
	}
	text := string(r.output)
	for _, want := range []string{"a_test.go:7: wrong", "syntax error", "plain words"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	if strings.Contains(text, "noise") {
		t.Error("a good test's output is shown")
	}
}

// Where the time went is said of packages and of files of the screen's tests, the longest first.
func TestSlowest(t *testing.T) {
	r := count([]byte(`{"Action":"pass","Package":"roundtable/a","Test":"TestGood","Elapsed":9}
{"Action":"pass","Package":"roundtable/a","Elapsed":1.5}
`))
	all := append(r.spent, spentByFile([]byte(" ✓ e2e/office.e2e.ts (12 tests | 1 skipped) 34567ms\n   ✓ finds a colleague  900ms\n ❯ src/a.test.tsx (2 tests) 12ms\n"))...)
	want := []string{"slow      34.6s  e2e/office.e2e.ts", "slow       1.5s  a", "slow       0.0s  src/a.test.tsx"}
	if got := slowest(all); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A program that dies leaves tests without an end: they are named, and its last words shown.
func TestCountOfADeadProgram(t *testing.T) {
	r := count([]byte(`{"Action":"run","Package":"roundtable/a","Test":"TestOther"}
{"Action":"output","Package":"roundtable/a","Test":"TestOther","Output":"panic: on purpose\n"}
{"Action":"output","Package":"roundtable/a","Output":"FAIL\troundtable/a\t0.1s\n"}
{"Action":"fail","Package":"roundtable/a","Elapsed":0.1}
{"Action":"run","Package":"roundtable/ab","Test":"TestGood"}
{"Action":"output","Package":"roundtable/ab","Test":"TestGood","Output":"noise\n"}
{"Action":"pass","Package":"roundtable/ab","Test":"TestGood"}
`))
	if r.passes != 1 || !slices.Equal(r.failed, []string{"a TestOther (no end)"}) {
		t.Errorf("%+v", r)
	}
	if text := string(r.output); !strings.Contains(text, "panic: on purpose") || strings.Contains(text, "noise") {
		t.Error(text)
	}
}

func TestStepsRunWhenTheirNeedsAreDone(t *testing.T) {
	var order []string
	do := func(name string, err error) func(context.Context) result {
		return func(context.Context) result { order = append(order, name); return result{err: err} }
	}
	total := runAll(t.Context(), []step{
		{"last", "x", []string{"broken"}, do("last", nil)},
		{"second", "x", []string{"first"}, do("second", nil)},
		{"first", "x", nil, do("first", nil)},
		{"broken", "x", []string{"second"}, do("broken", errors.New("on purpose"))},
	}, 1)
	if !slices.Equal(order, []string{"first", "second", "broken"}) || total.passes != 2 || total.fails != 2 {
		t.Errorf("%v %+v", order, total)
	}
}

func TestEverythingElseComesFirst(t *testing.T) {
	var order []string
	do := func(name string, err error) func(context.Context) result {
		return func(context.Context) result { order = append(order, name); return result{err: err} }
	}
	total := runAll(t.Context(), []step{
		{"first", "x", nil, do("first", errors.New("on purpose"))},
		{"left", "x", []string{"first"}, do("left", nil)},
		{"alone", "x", []string{"second", everything}, do("alone", nil)},
		{"second", "x", nil, do("second", nil)},
	}, 1)
	if !slices.Equal(order, []string{"first", "second", "alone"}) || total.passes != 2 || total.fails != 2 {
		t.Errorf("%v %+v", order, total)
	}
}

func TestChooseTakesNeedsAlong(t *testing.T) {
	names := func(groups ...string) (out []string) {
		chosen, err := choose(steps(time.Second, ""), groups)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range chosen {
			out = append(out, s.name)
		}
		return out
	}
	if got := names("window"); !slices.Equal(got, []string{"screen build", "desktop build", "window"}) {
		t.Errorf("%v", got)
	}
	if got := names(); len(got) != len(steps(time.Second, ""))-1 || slices.Contains(got, "fuzz") {
		t.Errorf("%v", got)
	}
	if _, err := choose(steps(time.Second, ""), []string{"nonsense"}); err == nil {
		t.Error("an unknown group is taken")
	}
}

// A step that needs a later one would never start.
func TestNeedsStandBefore(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range steps(time.Second, "") {
		for _, need := range s.needs {
			if !seen[need] && need != everything {
				t.Errorf("%s needs %s, which does not stand before it", s.name, need)
			}
		}
		seen[s.name] = true
	}
}

func TestFuzzTargetsAreFoundInTheSources(t *testing.T) {
	root := t.TempDir()
	for path, text := range map[string]string{
		"a/b/one_test.go":              "package b\n\nfunc FuzzOne(f *testing.F) {}\nfunc FuzzTwo(f *testing.F) {}\nfunc helpFuzz() {}\n",
		"a/one.go":                     "func FuzzNot(f *testing.F) {}\n",
		"a/testdata/x_test.go":         "func FuzzNot(f *testing.F) {}\n",
		"front/node_modules/x_test.go": "func FuzzNot(f *testing.F) {}\n",
	} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(path)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := fuzzTargets(root)
	if err != nil || len(got) != 1 || !slices.Equal(got["a/b"], []string{"FuzzOne", "FuzzTwo"}) {
		t.Errorf("%v %v", got, err)
	}
}

// Behind the tests of a package its targets are fuzzed by the same program, and what they find is a failed test.
func TestFuzzBehindTests(t *testing.T) {
	root := t.TempDir()
	for path, text := range map[string]string{
		"go.mod": "module roundtable\n\ngo 1.26\n",
		"a_test.go": `package a

import "testing"

func TestGood(t *testing.T) {}

func FuzzBad(f *testing.F) {
	f.Add([]byte("aaaa"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 || b[0] != 'a' {
			t.Error("on purpose")
		}
	})
}
`,
	} {
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(root)
	if output, err := execute(t.Context(), nil, "go", "test", "-c", "-o", "a.test"); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	var out bytes.Buffer
	err := behindTests(t.Context(), &out, "1m", "./a.test", []string{"-test.v=test2json"})
	text := out.String()
	if err == nil || !strings.Contains(text, "--- FAIL: FuzzBad") || !strings.Contains(text, "on purpose") || !strings.Contains(text, "--- PASS: TestGood") {
		t.Errorf("%v: %s", err, text)
	}
}

// A fault in what only another system compiles is found, in tests as well, and what imports
// each other is given its types.
func TestVetForAnotherSystem(t *testing.T) {
	root := t.TempDir()
	for path, text := range map[string]string{
		"go.mod":              "module roundtable\n\ngo 1.26\n",
		"a/a.go":              "package a\n\nimport \"fmt\"\n\nfunc Say(format string, args ...any) { fmt.Printf(format, args...) }\n",
		"a/a_test.go":         "package a\n\nfunc known() int { return 1 }\n",
		"b/b.go":              "package b\n",
		"b/b_darwin.go":       "package b\n\nimport \"roundtable/a\"\n\nfunc wrong() { a.Say(\"%d\", \"x\") }\n",
		"b/b_windows.go":      "package b\n\nvar wrong int = \"x\"\n",
		"b/b_darwin_test.go":  "package b\n\nimport \"testing\"\n\nfunc Test(t *testing.T) { t.Errorf(\"%s\", 5) }\n",
		"b/b_windows_test.go": "package b_test\n\nimport \"os/signal\"\n\nvar _ = signal.Nothing\n",
	} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(path)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for system, want := range map[string][]string{
		"linux":   nil,
		"darwin":  {"b_darwin.go:5:", "b_darwin_test.go:5:"},
		"windows": {"b_windows.go:3:", "b_windows_test.go:5:"},
	} {
		r := vet(root, []string{"GOOS=" + system}, "./...")(t.Context())
		var lines []string
		if text := string(r.output); text != "" {
			lines = strings.Split(text, "\n")
		}
		if (r.err != nil) != (want != nil) || len(lines) != len(want) {
			t.Errorf("%s: %v, %q", system, r.err, lines)
			continue
		}
		for i := range want {
			if !strings.Contains(lines[i], want[i]) {
				t.Errorf("%s: %q, want %q", system, lines[i], want[i])
			}
		}
	}
}

// What others wrote is judged whole where nothing compiles it.
func TestBodiesOfOthers(t *testing.T) {
	root := t.TempDir()
	for path, text := range map[string]string{
		"go.mod":        "module roundtable\n\ngo 1.26\n\nrequire example.org/o v0.0.0\n\nreplace example.org/o => ./o\n",
		"a.go":          "package a\n\nimport \"example.org/o\"\n\nvar _ = o.One\n",
		"o/go.mod":      "module example.org/o\n\ngo 1.26\n",
		"o/o_linux.go":  "package o\n\nfunc One() int { return 1 }\n",
		"o/o_darwin.go": "package o\n\nfunc One() int { return \"one\" }\n",
	} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(path)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r := compiles(root, []string{"GOOS=linux"}, "./...")(t.Context()); r.err != nil {
		t.Errorf("%v: %s", r.err, r.output)
	}
	if r := compiles(root, []string{"GOOS=darwin"}, "./...")(t.Context()); r.err == nil || !strings.Contains(string(r.output), "o_darwin.go:3:") {
		t.Errorf("%v: %s", r.err, r.output)
	}
}
