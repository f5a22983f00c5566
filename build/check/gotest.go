package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// goTest runs `go test -json` and counts. Its output is that of what failed.
func goTest(arguments ...string) func(context.Context) result {
	return func(ctx context.Context) result {
		output, err := execute(ctx, nil, "go", append([]string{"test", "-json"}, arguments...)...)
		r := count(output)
		r.err = err
		return r
	}
}

// event is one line of `go test -json`.
type event struct{ Action, Package, Test, Output string }

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
			if e.Test != "" {
				r.fails++
				r.failed = append(r.failed, name)
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

// fuzz finds every fuzz target and runs each for a while.
func fuzz(each string) func(context.Context) result {
	return func(ctx context.Context) (r result) {
		output, err := execute(ctx, nil, "go", "test", "-json", "-list", "^Fuzz", "./...")
		if err != nil {
			return result{err: err, output: output}
		}
		targets, err := fuzzTargets(output)
		if err != nil {
			return result{err: err, output: output}
		}
		for _, t := range targets {
			output, err := execute(ctx, nil, "go", "test", "-run", "^$", "-fuzz", "^"+t[1]+"$", "-fuzztime", each, t[0])
			if err == nil || endedInTime(output) {
				r.passes++
				continue
			}
			r.fails++
			r.failed = append(r.failed, t[0]+" "+t[1])
			r.output = append(r.output, output...)
			r.err = err
		}
		if r.err == nil && r.passes == 0 {
			r.err = fmt.Errorf("found no fuzz target")
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

// fuzzTargets reads pairs of package and function.
func fuzzTargets(output []byte) (targets [][2]string, err error) {
	lines := bufio.NewScanner(bytes.NewReader(output))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Action == "output" && strings.HasPrefix(e.Output, "Fuzz") {
			targets = append(targets, [2]string{e.Package, strings.TrimSpace(e.Output)})
		}
	}
	return targets, lines.Err()
}
