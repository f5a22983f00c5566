package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// goTest runs `go test -json` and counts. Its output is that of what failed. The step that
// vets does so with more analyzers, and what is imported for it once, not once more for
// each way of compiling. Behind the tests of a package its fuzz targets are run, each for a while.
func goTest(fuzzTime time.Duration, arguments ...string) func(context.Context) result {
	return func(ctx context.Context) result {
		self, err := os.Executable()
		if err != nil {
			return result{err: err}
		}
		behind := fmt.Sprintf("'%s' %s %s", self, fuzzing, fuzzTime)
		output, err := execute(ctx, nil, "go", append([]string{"test", "-json", "-vet", "off", "-exec", behind}, arguments...)...)
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
