package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

const (
	startTimeout = 30 * time.Second
	stopTimeout  = 20 * time.Second
)

// ErrEnded is returned for a process that ended before it printed its address;
// Process.Stderr and Process.ExitCode say more.
var ErrEnded = errors.New("process ended before it was ready")

// Options of a process.
type Options struct {
	// Program is the path of roundtable-headless.
	Program string
	Profile string
	// Arguments besides --profile.
	Arguments []string
	// Wrap stands before the program, as in {"ip", "netns", "exec", "a"}.
	Wrap []string
	// Dial reaches the process's loopback; nil: this one's.
	Dial Dial
	// Environment besides this process's.
	Environment []string
}

// Process is a running Roundtable and a session with it.
type Process struct {
	*Desk
	*Program
}

// Start runs the program and opens a session. On an error the process has
// ended; the Process is given all the same, for what it said.
// Errors: ErrEnded, context.DeadlineExceeded, and the system's.
func Start(ctx context.Context, o Options) (*Process, error) {
	arguments := append(append([]string{}, o.Wrap...), o.Program, "--profile", o.Profile)
	arguments = append(arguments, o.Arguments...)
	p := &Process{Program: newProgram(arguments)}
	p.command.Env = append(os.Environ(), o.Environment...)
	addresses := make(chan string, 1)
	p.command.Stdout = &lines{each: func(line string) {
		if address, ok := strings.CutPrefix(line, "open "); ok {
			select {
			case addresses <- address:
			default:
			}
		}
	}}
	if err := p.run(); err != nil {
		return p, fmt.Errorf("start %s: %w", o.Program, err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	select {
	case address := <-addresses:
		desk, err := open(ctx, address, o.Dial)
		if err != nil {
			return p, errors.Join(err, p.Kill())
		}
		p.Desk = desk
		return p, nil
	case <-p.ended:
		return p, ErrEnded
	case <-ctx.Done():
		return p, errors.Join(fmt.Errorf("start %s: %w", o.Program, ctx.Err()), p.Kill())
	}
}
