// Command check runs everything that must hold before a change is good:
// `make test` runs all of it, `make lint`, `make fuzz` and others a part.
//
//	go run ./build/check [-fuzztime 5s] [lint] [test] [fuzz] [build] [e2e] [window]
//
// Steps run two at a time as soon as what they need is done. Each prints one
// line with its time and that of the processors, and its output when it failed. The last line says how
// many tests and steps passed and failed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var code int
	if a := os.Args; len(a) > 3 && a[1] == fuzzing {
		if err := behindTests(ctx, os.Stdout, a[2], a[3], a[4:]); err != nil {
			code = 1
		}
	} else {
		code = run(ctx)
	}
	stop()
	os.Exit(code)
}

func run(ctx context.Context) int {
	fuzzTime := flag.Duration("fuzztime", time.Second/2, "time per fuzz target")
	workers := flag.Int("workers", max(2, min(4, runtime.NumCPU())), "steps at a time")
	picture := flag.String("picture", "", "keep the window's screenshot as this file")
	flag.Parse()
	all := steps(*fuzzTime, *picture)
	wanted, err := choose(all, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	start := time.Now()
	total := runAll(ctx, wanted, *workers)
	for _, skip := range total.skipped {
		fmt.Println("skipped", skip)
	}
	for _, line := range slowest(total.spent) {
		fmt.Println(line)
	}
	for _, line := range total.words {
		fmt.Println(line)
	}
	for _, name := range total.failed {
		fmt.Println("failed", name)
	}
	fmt.Printf("in %s\n%d passed, %d failed\n", time.Since(start).Round(time.Second), total.passes, total.fails)
	if total.fails > 0 {
		return 1
	}
	return 0
}

// choose gives the steps of the named groups, with everything that they need. Without a name it gives all but
// fuzz: the steps of Go tests fuzz as well.
func choose(all []step, groups []string) ([]step, error) {
	wanted := map[string]bool{}
	for _, group := range groups {
		if !slices.ContainsFunc(all, func(s step) bool { return s.group == group }) {
			return nil, fmt.Errorf("no group %q", group)
		}
	}
	for _, s := range slices.Backward(all) { // needs stand before those who need them
		if len(groups) == 0 && s.group != "fuzz" || slices.Contains(groups, s.group) || wanted[s.name] {
			wanted[s.name] = true
			for _, need := range s.needs {
				wanted[need] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(s step) bool { return !wanted[s.name] }), nil
}

// line is what is said of a finished step.
func line(s step, r result, took, busy time.Duration) string {
	word := "ok    "
	switch {
	case r.err != nil:
		word = "FAILED"
	case r.passes > 0:
		return fmt.Sprintf("%s %6.1fs %6.1fs  %s (%d tests)", word, took.Seconds(), busy.Seconds(), s.name, r.passes)
	}
	return strings.TrimRight(fmt.Sprintf("%s %6.1fs %6.1fs  %s", word, took.Seconds(), busy.Seconds(), s.name), " ")
}
