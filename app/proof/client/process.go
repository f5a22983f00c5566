package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
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
	command *exec.Cmd
	ended   chan struct{}
	stderr  *tail
}

// Start runs the program and opens a session. On an error the process has
// ended; the Process is given all the same, for what it said.
// Errors: ErrEnded, context.DeadlineExceeded, and the system's.
func Start(ctx context.Context, o Options) (*Process, error) {
	arguments := append(append([]string{}, o.Wrap...), o.Program, "--profile", o.Profile)
	arguments = append(arguments, o.Arguments...)
	p := &Process{command: exec.Command(arguments[0], arguments[1:]...), ended: make(chan struct{}), stderr: &tail{}}
	p.command.Env = append(os.Environ(), o.Environment...)
	p.command.Stderr = p.stderr
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return p, fmt.Errorf("start %s: %w", o.Program, err)
	}
	if err := p.command.Start(); err != nil {
		return p, fmt.Errorf("start %s: %w", o.Program, err)
	}
	addresses := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if address, ok := strings.CutPrefix(lines.Text(), "open "); ok {
				select {
				case addresses <- address:
				default:
				}
			}
		}
		_ = p.command.Wait()
		close(p.ended)
	}()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	select {
	case address := <-addresses:
		if p.Desk, err = open(ctx, address, o.Dial); err != nil {
			return p, errors.Join(err, p.Kill())
		}
		return p, nil
	case <-p.ended:
		return p, ErrEnded
	case <-ctx.Done():
		return p, errors.Join(fmt.Errorf("start %s: %w", o.Program, ctx.Err()), p.Kill())
	}
}

// PID of the process; with Wrap of what it became (ip netns exec replaces itself).
func (p *Process) PID() int { return p.command.Process.Pid }

// Stderr is the end of what the process logged.
func (p *Process) Stderr() string { return p.stderr.String() }

// ExitCode once the process has ended, -1 when a signal ended it.
func (p *Process) ExitCode() int { return p.command.ProcessState.ExitCode() }

// Kill ends the process as a power cut does, and waits.
func (p *Process) Kill() error {
	err := p.command.Process.Kill()
	<-p.ended
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Stop asks the process to end, and waits. Errors: its exit code, if not 0.
func (p *Process) Stop() error {
	if runtime.GOOS == "windows" {
		return p.Kill() // there is no gentle signal
	}
	if err := p.command.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop process: %w", err)
	}
	select {
	case <-p.ended:
	case <-time.After(stopTimeout):
		return errors.Join(errors.New("process does not stop"), p.Kill())
	}
	if code := p.ExitCode(); code != 0 {
		return fmt.Errorf("process ended with code %d: %s", code, p.Stderr())
	}
	return nil
}

// tail keeps the end of what is written.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const maxTail = 256 << 10

var _ io.Writer = (*tail)(nil)

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if len(t.text) > 2*maxTail {
		t.text = append([]byte(nil), t.text[len(t.text)-maxTail:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
