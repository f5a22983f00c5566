package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// Program is a running process of ours.
type Program struct {
	command *exec.Cmd
	ended   chan struct{}
	stderr  *tail
}

func newProgram(arguments []string) *Program {
	p := &Program{command: exec.Command(arguments[0], arguments[1:]...), ended: make(chan struct{}), stderr: &tail{}}
	p.command.Stderr = p.stderr
	return p
}

// run starts the program.
func (p *Program) run() error {
	if err := p.command.Start(); err != nil {
		return err
	}
	go func() {
		_ = p.command.Wait()
		close(p.ended)
	}()
	return nil
}

// PID of the process; with Wrap of what it became (ip netns exec replaces itself).
func (p *Program) PID() int { return p.command.Process.Pid }

// Stderr is the end of what the process logged.
func (p *Program) Stderr() string { return p.stderr.String() }

// ExitCode once the process has ended, -1 when a signal ended it.
func (p *Program) ExitCode() int { return p.command.ProcessState.ExitCode() }

// Kill ends the process as a power cut does, and waits.
func (p *Program) Kill() error {
	err := p.command.Process.Kill()
	<-p.ended
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Stop asks the process to end, and waits. Errors: its exit code, if not 0.
func (p *Program) Stop() error { return p.stop(os.Interrupt) }

func (p *Program) stop(how os.Signal) error {
	if runtime.GOOS == "windows" {
		return p.Kill() // there is no gentle signal
	}
	if err := p.command.Process.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
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

// lines gives what is written line by line.
type lines struct {
	each func(line string)
	rest []byte
}

var _ io.Writer = (*lines)(nil)

func (l *lines) Write(b []byte) (int, error) {
	l.rest = append(l.rest, b...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(b), nil
		}
		l.each(string(line))
		l.rest = rest
	}
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
