package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// fuzzing is the word by which go test starts this program around that of a package's tests.
const fuzzing = "fuzzing"

// behindTests runs the program of a package's tests, and each of its fuzz targets for a while when they
// end well. Nothing is built for it: to compile and link each program once more, for branches to guide the
// search, takes twice as long as the search. `make fuzz` does that.
func behindTests(ctx context.Context, out io.Writer, each string, program string, arguments []string) error {
	if err := said(exec.CommandContext(ctx, program, arguments...), out); err != nil {
		return err
	}
	targets, err := fuzzTargets(".")
	if err != nil {
		return err
	}
	aside, err := os.MkdirTemp("", "roundtable-fuzz-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	for _, target := range targets["."] {
		// Making an input small may take a minute, in which nothing is looked for. One process: it shares
		// the machine with other packages.
		c := exec.CommandContext(ctx, program, "-test.v=test2json", "-test.run", "^$", "-test.fuzz", "^"+target+"$", "-test.fuzztime", each,
			"-test.fuzzcachedir", aside, "-test.parallel", "1", "-test.fuzzminimizetime", "1s")
		var words bytes.Buffer
		fault := said(c, &words)
		if fault != nil && endedInTime(words.Bytes()) {
			continue
		}
		if _, w := out.Write(words.Bytes()); w != nil || fault != nil {
			err = errors.Join(err, fault, w)
		}
	}
	return err
}

// said runs a command and keeps its words.
func said(c *exec.Cmd, words io.Writer) error {
	c.Stdout, c.Stderr = words, words
	return c.Run()
}

// fuzz finds every fuzz target and runs each for a while, guided by the branches of what it calls. The program
// of a package is built once for all of its targets.
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
			if output, err := execute(ctx, nil, "go", "test", "-c", "-fuzz", ".", "-o", program, "./"+folder); err != nil {
				r.fails++
				r.failed, r.output, r.err = append(r.failed, folder), append(r.output, output...), err
				continue
			}
			for _, target := range packages[folder] {
				arguments := []string{"-test.run", "^$", "-test.fuzz", "^" + target + "$", "-test.fuzztime", each.String(),
					"-test.fuzzcachedir", filepath.Join(string(bytes.TrimSpace(cache)), "fuzz", "roundtable", folder)}
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
