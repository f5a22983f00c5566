package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// goTest runs `go test -json` and counts. Its output is that of what failed. The step that
// vets does so with more analyzers, and what is imported for it once, not once more for
// each way of compiling.
func goTest(arguments ...string) func(context.Context) result {
	return func(ctx context.Context) result {
		output, err := execute(ctx, nil, "go", append([]string{"test", "-json", "-vet", "off"}, arguments...)...)
		r := count(output)
		r.err = err
		return r
	}
}

// event is one line of `go test -json`.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // s
}

func count(output []byte) (r result) {
	said := map[string]*strings.Builder{} // of each test, until it ended well
	lines := bufio.NewScanner(bytes.NewReader(output))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Action == "" {
			r.output = append(append(r.output, lines.Bytes()...), '\n') // the compiler speaks plainly
			continue
		}
		name := strings.TrimPrefix(e.Package, "roundtable/") + " " + e.Test
		if e.Test == "" && e.Elapsed > 0 {
			r.spent = append(r.spent, spent{strings.TrimSpace(name), time.Duration(e.Elapsed * float64(time.Second))})
		}
		switch e.Action {
		case "output":
			if said[name] == nil {
				said[name] = &strings.Builder{}
			}
			said[name].WriteString(e.Output)
		case "build-output":
			r.output = append(r.output, e.Output...)
		case "pass":
			if e.Test != "" {
				r.passes++
			}
			delete(said, name)
		case "skip":
			if e.Test != "" {
				r.skipped = append(r.skipped, name+": "+reason(said[name]))
			}
			delete(said, name)
		case "fail":
			if said[name] != nil {
				r.output = append(r.output, said[name].String()...)
			}
			delete(said, name)
			if e.Test != "" {
				r.fails++
				r.failed = append(r.failed, name)
				break
			}
			// A program that died (a panic, a deadline, a signal) says no end of the tests it
			// was at, and its last words are theirs.
			for _, left := range slices.Sorted(maps.Keys(said)) {
				if strings.HasPrefix(left, name) {
					r.output = append(r.output, said[left].String()...)
					r.fails++
					r.failed = append(r.failed, left+" (no end)")
					delete(said, left)
				}
			}
		}
	}
	return r
}

// reason is the line of a skipped test that says why.
func reason(said *strings.Builder) string {
	if said == nil {
		return "no reason given"
	}
	for text := range strings.Lines(said.String()) {
		text = strings.TrimSpace(text)
		if text != "" && !strings.HasPrefix(text, "===") && !strings.HasPrefix(text, "---") {
			return text
		}
	}
	return "no reason given"
}

// brief is how long a target may be fuzzed with one process: it shares the machine with
// other steps. Who fuzzes longer wants all of it.
const brief = 10 * time.Second

// guided are the packages whose branches guide a brief search for inputs: ours, and the
// decoder under most of ours. To compile everything else once more, the standard library and
// a database too, takes longer than the search, and what is compiled so runs an eighth as often.
var guided = []string{"roundtable/...", "github.com/fxamacker/..."}

// building is how the program of a package's targets is built.
func building(each time.Duration) []string {
	if each >= brief {
		return []string{"-fuzz", "."}
	}
	out := []string{"-ldflags", "-s -w"}
	for _, pattern := range guided {
		out = append(out, "-gcflags", pattern+"=-d=libfuzzer")
	}
	return out
}

// fuzz finds every fuzz target and runs each for a while. The program of a package is
// built once for all of its targets: that takes longer than they run.
func fuzz(each time.Duration) func(context.Context) result {
	return func(ctx context.Context) (r result) {
		packages, err := fuzzTargets(".")
		if err != nil {
			return result{err: err}
		}
		cache, err := execute(ctx, nil, "go", "env", "GOCACHE")
		if err != nil {
			return result{err: err, output: cache}
		}
		aside, err := os.MkdirTemp("", "roundtable-fuzz-")
		if err != nil {
			return result{err: err}
		}
		defer os.RemoveAll(aside)
		for _, folder := range slices.Sorted(maps.Keys(packages)) {
			program := filepath.Join(aside, strings.ReplaceAll(folder, "/", "_"))
			if output, err := execute(ctx, nil, "go", append(append([]string{"test", "-c"}, building(each)...), "-o", program, "./"+folder)...); err != nil {
				r.fails++
				r.failed, r.output, r.err = append(r.failed, folder), append(r.output, output...), err
				continue
			}
			for _, target := range packages[folder] {
				arguments := []string{"-test.run", "^$", "-test.fuzz", "^" + target + "$", "-test.fuzztime", each.String(),
					"-test.fuzzcachedir", filepath.Join(string(bytes.TrimSpace(cache)), "fuzz", "roundtable", folder)}
				if each < brief {
					// Making an input small may take a minute, in which nothing is looked for.
					arguments = append(arguments, "-test.parallel", "1", "-test.fuzzminimizetime", "1s")
				}
				output, err := executeIn(ctx, folder, nil, program, arguments...)
				if err == nil || endedInTime(output) {
					r.passes++
					continue
				}
				r.fails++
				r.failed, r.output, r.err = append(r.failed, folder+" "+target), append(r.output, output...), err
			}
		}
		if r.err == nil && r.passes == 0 {
			r.err = errors.New("found no fuzz target")
		}
		return r
	}
}

// endedInTime tells the fuzzer's end from a finding: at the end of its time it
// now and then reports its own deadline as a failure. A finding
// always has an input, which it writes down or names.
func endedInTime(output []byte) bool {
	return bytes.Contains(output, []byte("context deadline exceeded")) &&
		!bytes.Contains(output, []byte("Failing input written")) && !bytes.Contains(output, []byte("failure while testing seed corpus"))
}

var fuzzFunc = regexp.MustCompile(`(?m)^func (Fuzz\w*)\(\w+ \*testing\.F\)`)

// fuzzTargets reads them from the sources, by folder. To ask `go test -list` links every
// package's tests.
func fuzzTargets(root string) (map[string][]string, error) {
	targets := map[string][]string{}
	return targets, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testdata" || len(entry.Name()) > 1 && entry.Name()[0] == '.'):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(root, filepath.Dir(path))
		for _, m := range fuzzFunc.FindAllSubmatch(source, -1) {
			folder := filepath.ToSlash(inside)
			targets[folder] = append(targets[folder], string(m[1]))
		}
		return err
	})
}
