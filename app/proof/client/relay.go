package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
)

// Relay is a running roundtable-relay.
type Relay struct {
	*Program
	// Link of the organisation that a relay admits at its first start, "" later.
	Link string
	path string
	data string
}

// Stored is what a relay keeps for all organisations.
type Stored struct{ Bytes, Envelopes, Chunks int64 }

// RelayOptions of a relay.
type RelayOptions struct {
	// Program is the path of roundtable-relay.
	Program string
	// Data is its folder.
	Data string
	// Arguments of serve, besides --data.
	Arguments []string
	// Log takes all that it prints; nil: only the end is kept.
	Log io.Writer
}

// StartRelay runs a relay and returns once it serves. On an error the process has
// ended; the Relay is given all the same, for what it said.
// Errors: ErrEnded, context.DeadlineExceeded, and the system's.
func StartRelay(ctx context.Context, o RelayOptions) (*Relay, error) {
	r := &Relay{path: o.Program, data: o.Data}
	r.Program = newProgram(append([]string{o.Program, "serve", "--data", o.Data}, o.Arguments...))
	ready := make(chan string, 1)
	link := ""
	said := &lines{each: func(line string) {
		if strings.HasPrefix(line, "roundtable://") {
			link = line
		}
		if strings.Contains(line, `"msg":"ready"`) {
			select {
			case ready <- link:
			default:
			}
		}
	}}
	all := []io.Writer{r.stderr, said}
	if o.Log != nil {
		all = append(all, o.Log)
	}
	// One writer for both keeps the order: the link comes before the readiness.
	r.command.Stdout = io.MultiWriter(all...)
	r.command.Stderr = r.command.Stdout
	if err := r.run(); err != nil {
		return r, fmt.Errorf("start relay: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	select {
	case r.Link = <-ready:
		return r, nil
	case <-r.ended:
		return r, ErrEnded
	case <-ctx.Done():
		return r, errors.Join(fmt.Errorf("start relay: %w", ctx.Err()), r.Kill())
	}
}

// Drain ends the relay as its operator does (SIGTERM), and waits. Errors: its exit code, if not 0.
func (r *Relay) Drain() error { return r.stop(syscall.SIGTERM) }

// Stored asks the relay, as its operator does.
func (r *Relay) Stored(ctx context.Context) (sum Stored, err error) {
	out, err := exec.CommandContext(ctx, r.path, "list", "--data", r.data).Output()
	if err != nil {
		return sum, fmt.Errorf("list organisations: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		for column := range strings.SplitSeq(line, "\t") {
			var n int64
			var what string
			if _, err := fmt.Sscanf(column, "%d %s", &n, &what); err != nil {
				continue
			}
			switch what {
			case "bytes":
				sum.Bytes += n
			case "envelopes":
				sum.Envelopes += n
			case "chunks":
				sum.Chunks += n
			}
		}
	}
	return sum, nil
}
