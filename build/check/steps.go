package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	windowTags = "desktop,production,webkit2_41"
	exeTags    = "desktop,production"
	fake       = "bin/fake"    // the screen over its fake
	unwatched  = "-ldflags=-w" // no tables for debuggers: to write them is a third of linking, and what is handed out has none
)

// racing are the packages whose goroutines meet. Their tests run with the race detector,
// which costs too much time for all of them at every change, and not once more without it.
var racing = []string{
	"./backend/api/...", "./backend/clock/...", "./backend/link/...", "./backend/discovery/...",
	"./backend/ephemeral/...", "./backend/replication/...", "./backend/projection/...", "./backend/people/...",
	"./backend/relay/server/...", "./backend/relay/client/...",
	"./app/local/...", "./app/headless/...",
}

// steps is the whole list. What a step needs stands before it. The screen is
// built first: its files are part of the Go packages that embed them. The browser's
// step takes longest, so it begins as soon as it can, and the others go on beside it. Then come the long steps of Go tests:
// at their ends they wait more than they work, and what only compiles fills that.
func steps(fuzzTime time.Duration, picture string) []step {
	screen := []string{"screen build"}
	return []step{
		{"go format", "lint", nil, format},
		{"screen build", "build", nil, command(nil, "npm", "--prefix", "frontend", "exec", "--", "vite", "build", "frontend")},
		{"headless build", "build", screen, commands},
		{"fake build", "build", nil, command([]string{"NODE_ENV=development"}, "npm", "--prefix", "frontend", "exec", "--", "vite", "build", "frontend",
			"--mode", "development", "--minify", "false", "--outDir", "../"+fake, "--emptyOutDir", "--logLevel", "error")},
		{"e2e", "e2e", []string{"headless build", "fake build"}, stories},
		{"generated code", "lint", nil, drift},
		{"screen lint", "lint", nil, command(nil, "npm", "--prefix", "frontend", "run", "lint")},
		{"go vet", "lint", screen, inOrder(vet("", nil, "./..."), vet("", nil, "-tags", windowTags, ".", "./app/desktop"))},
		{"screen tests", "test", nil, screenTests("test")},
		{"go tests", "test", screen, test(fuzzTime)},
		{"go tests with race detector", "test", screen, race(fuzzTime)},
		{"desktop build", "build", screen, command(nil, "go", "build", unwatched, "-tags", windowTags, "-o", "bin/roundtable", ".")},
		{"window", "window", []string{"desktop build"}, command(nil, "build/test-window.sh", "bin/roundtable", picture)},
		{"staticcheck", "lint", screen, command(nil, "go", "tool", "staticcheck", "./...")},
		{"go vet for windows", "lint", screen, vet("", []string{"CGO_ENABLED=0", "GOOS=windows"}, "./...")},
		{"go vet for darwin", "lint", screen, compiles("", []string{"CGO_ENABLED=0", "GOOS=darwin"}, "./...")},
		{"windows build", "build", screen, inOrder(command(nil, "go", "run", "./build/windows/resources"),
			command([]string{"CGO_ENABLED=0", "GOOS=windows", "GOARCH=amd64"}, "go", "build", "-tags", exeTags, "-ldflags", "-w -H windowsgui", "-o", "bin/roundtable.exe", "."))},
		{"fuzz", "fuzz", screen, fuzz(fuzzTime)},
		// Six programs and six browsers with pictures that move, and a file of 1 GiB for three: whoever
		// shares the machine with them measures the machine.
		{"e2e alone", "e2e", []string{"headless build", everything}, screenTests("e2e:alone")},
	}
}

// stories are those of the browser that share the machine with other steps. The screen over its fake is built for all of them.
func stories(ctx context.Context) result {
	place, err := filepath.Abs(fake)
	if err != nil {
		return result{err: err}
	}
	return screenTests("e2e", "ROUNDTABLE_STAGE="+place)(ctx)
}

// format fails when gofmt would change a file.
func format(ctx context.Context) result {
	output, err := execute(ctx, nil, "gofmt", "-l", "main.go", "app", "backend", "build", "frontend/embed.go")
	if err == nil && len(output) > 0 {
		err = errors.New("gofmt would change these files")
	}
	return result{err: err, output: output}
}

// commands builds every program of app/cmd as bin/roundtable-NAME.
func commands(ctx context.Context) (r result) {
	folders, err := filepath.Glob("app/cmd/*")
	if err != nil {
		return result{err: err}
	}
	for _, folder := range folders {
		output, err := execute(ctx, nil, "go", "build", unwatched, "-o", "bin/roundtable-"+filepath.Base(folder), "./"+filepath.ToSlash(folder))
		r.output = append(r.output, output...)
		r.err = errors.Join(r.err, err)
	}
	return r
}

// test runs the packages that are not racing.
func test(fuzzTime time.Duration) func(context.Context) result {
	return func(ctx context.Context) result {
		racy, err := packages(ctx, present()...)
		if err != nil {
			return result{err: err}
		}
		all, err := packages(ctx, "./...")
		if err != nil {
			return result{err: err}
		}
		rest := slices.DeleteFunc(all, func(p string) bool { return slices.Contains(racy, p) })
		return goTest(fuzzTime, append([]string{"-timeout", "8m"}, rest...)...)(ctx)
	}
}

// race runs those that are. The database itself is not watched: it is C translated to Go, in memory that the detector does
// not know, and what calls it is.
func race(fuzzTime time.Duration) func(context.Context) result {
	return func(ctx context.Context) result {
		return goTest(fuzzTime, append([]string{"-race", "-gcflags", "modernc.org/sqlite/lib=-race=false", "-timeout", "8m"}, present()...)...)(ctx)
	}
}

// present are the patterns that match a folder.
func present() []string {
	return slices.DeleteFunc(slices.Clone(racing), func(pattern string) bool {
		_, err := os.Stat(strings.TrimSuffix(pattern, "/..."))
		return err != nil
	})
}

func packages(ctx context.Context, patterns ...string) ([]string, error) {
	list, err := program(ctx, "", nil, "go", append([]string{"list"}, patterns...)...).Output()
	return strings.Fields(string(list)), err
}

// drift generates both sides of the door into a folder aside and compares.
func drift(ctx context.Context) result {
	aside, err := os.MkdirTemp("", "roundtable-gen-")
	if err != nil {
		return result{err: err}
	}
	defer os.RemoveAll(aside)
	const buf = "frontend/node_modules/.bin/buf"
	r := inOrder(command(nil, buf, "lint"), command(nil, buf, "generate", "-o", aside))(ctx)
	if r.err != nil {
		return r
	}
	for _, folder := range []string{"backend/api/gen", "frontend/src/api/gen"} {
		output, err := execute(ctx, nil, "diff", "-r", "-u", folder, filepath.Join(aside, folder))
		if err != nil {
			return result{err: fmt.Errorf("%s is not what the .proto files say: run `make gen` and commit", folder), output: output}
		}
	}
	return result{}
}
