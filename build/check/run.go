package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"
)

// stepTime bounds one step.
const stepTime = 40 * time.Minute

// step is one thing to do.
type step struct {
	name, group string
	needs       []string
	do          func(context.Context) result
}

// busy is the key of the count of processor time that the programs of a step took.
type busy struct{}

// result of a step. A step without tests counts as one.
type result struct {
	err     error
	output  []byte
	passes  int
	fails   int
	failed  []string
	words   []string // of what failed, for the end
	skipped []string
	spent   []spent
}

// everything is a need: the step runs when all others have ended, however, with the machine
// to itself. One step may have it, the last.
const everything = "everything else"

var errNeeds = errors.New("what it needs failed")

// runAll runs the steps, some at a time, and prints as they end.
func runAll(ctx context.Context, wanted []step, workers int) (total result) {
	type done struct {
		step   step
		result result
		took   time.Duration
		busy   time.Duration
	}
	finished := make(chan done)
	state := map[string]bool{} // present: ended; true: well
	waiting, running := wanted, 0
	for len(waiting) > 0 || running > 0 {
		var rest []step
		for _, s := range waiting {
			ready, broken := look(s, state, len(state) == len(wanted)-1)
			switch {
			case broken || ctx.Err() != nil:
				state[s.name] = false
				total.add(s, result{err: errNeeds})
				fmt.Printf("LEFT            %s: %v\n", s.name, errNeeds)
			case ready && running < workers:
				running++
				go func() {
					start := time.Now()
					var spent atomic.Int64
					limited, cancel := context.WithTimeout(context.WithValue(ctx, busy{}, &spent), stepTime)
					defer cancel()
					r := s.do(limited)
					finished <- done{s, r, time.Since(start), time.Duration(spent.Load())}
				}()
			default:
				rest = append(rest, s)
			}
		}
		if waiting = rest; running == 0 {
			continue
		}
		d := <-finished
		running--
		state[d.step.name] = d.result.err == nil
		total.add(d.step, d.result)
		fmt.Println(line(d.step, d.result, d.took, d.busy))
		if d.result.err != nil {
			fmt.Printf("%s\n%v\n\n", bytes.TrimSpace(d.result.output), d.result.err)
		}
	}
	return total
}

func look(s step, state map[string]bool, rest bool) (ready, broken bool) {
	ready = true
	for _, need := range s.needs {
		if need == everything {
			ready = ready && rest
			continue
		}
		well, ended := state[need]
		ready = ready && ended
		broken = broken || ended && !well
	}
	return ready, broken
}

func (t *result) add(s step, r result) {
	t.skipped, t.spent = append(t.skipped, r.skipped...), append(t.spent, r.spent...)
	t.failed = append(t.failed, r.failed...)
	if r.err != nil && len(r.output) > 0 {
		t.words = append(append(t.words, "--- "+s.name), lastWords(r.output)...)
	}
	t.passes += r.passes
	t.fails += r.fails
	switch {
	case r.err != nil && r.fails == 0:
		t.fails++
		t.failed = append(t.failed, s.name)
	case r.err == nil && r.passes == 0:
		t.passes++
	}
}

// command runs one program in the repository's root.
func command(environment []string, name string, arguments ...string) func(context.Context) result {
	return func(ctx context.Context) result {
		output, err := execute(ctx, environment, name, arguments...)
		return result{err: err, output: output}
	}
}

func execute(ctx context.Context, environment []string, name string, arguments ...string) ([]byte, error) {
	return executeIn(ctx, "", environment, name, arguments...)
}

func executeIn(ctx context.Context, folder string, environment []string, name string, arguments ...string) ([]byte, error) {
	c := program(ctx, folder, environment, name, arguments...)
	output, err := c.CombinedOutput()
	// With that of all that it waited for itself.
	if spent, ok := ctx.Value(busy{}).(*atomic.Int64); ok && c.ProcessState != nil {
		spent.Add(int64(c.ProcessState.UserTime() + c.ProcessState.SystemTime()))
	}
	if err != nil {
		err = fmt.Errorf("%s %v: %w", name, arguments, err)
	}
	return output, err
}

func program(ctx context.Context, folder string, environment []string, name string, arguments ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, arguments...)
	c.Dir = folder
	c.Env = append(append(os.Environ(), "NO_COLOR=1", "CI=1"), environment...)
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 10 * time.Second
	return c
}

// inOrder runs several, and ends at the first that fails.
func inOrder(parts ...func(context.Context) result) func(context.Context) result {
	return func(ctx context.Context) (all result) {
		for _, part := range parts {
			r := part(ctx)
			all.output = append(all.output, r.output...)
			all.passes, all.fails = all.passes+r.passes, all.fails+r.fails
			all.failed, all.skipped, all.spent = append(all.failed, r.failed...), append(all.skipped, r.skipped...), append(all.spent, r.spent...)
			if all.err = r.err; all.err != nil {
				break
			}
		}
		return all
	}
}

// vitest says "Tests  1 failed | 2 skipped | 25 passed (28)".
var (
	vitestLine = regexp.MustCompile(`(?m)^\s*Tests\s.*$`)
	vitestPass = regexp.MustCompile(`(\d+) passed`)
	vitestFail = regexp.MustCompile(`(\d+) failed`)
)

// screenTests runs an npm script of the screen and counts its tests.
func screenTests(script string, environment ...string) func(context.Context) result {
	return func(ctx context.Context) result {
		output, err := execute(ctx, append(browsers(), environment...), "npm", "--prefix", "frontend", "run", script)
		r := result{err: err, output: output, spent: spentByFile(output)}
		summary := vitestLine.Find(output)
		if m := vitestPass.FindSubmatch(summary); m != nil {
			r.passes, _ = strconv.Atoi(string(m[1]))
		}
		if m := vitestFail.FindSubmatch(summary); m != nil {
			r.fails, _ = strconv.Atoi(string(m[1]))
		}
		if err == nil && r.passes == 0 {
			r.err = errors.New("no test ran")
		}
		return r
	}
}

// browsers tells the tests where Chromium is, whose name differs, and where the one without windows is, if there is one.
func browsers() (environment []string) {
	for variable, names := range map[string][]string{
		"CHROMIUM":       {"chromium", "chromium-browser", "google-chrome"},
		"CHROMIUM_SHELL": {"chromium-headless-shell"},
	} {
		for _, name := range names {
			if path, err := exec.LookPath(name); err == nil && os.Getenv(variable) == "" {
				environment = append(environment, variable+"="+path)
				break
			}
		}
	}
	return environment
}
