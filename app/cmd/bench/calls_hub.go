package main

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"roundtable/backend/calls/media"
	"roundtable/backend/wire"
)

// callsHub is the hidden argument that has this program be the engine of one device, so that what
// forwarding costs can be told from what the senders and viewers cost, and so that it can be killed.
const callsHub = "calls-hub"

// order is what goes over the pipes of such a process, both ways. One of its parts is set.
type order struct {
	Device wire.DeviceID // of Data: whom it is for, or whom it is from
	Data   []byte

	Plan    *media.Plan
	Wants   []media.Want
	Offer   string
	Sending []media.Slot
	Answer  string
	Error   string
}

// pipe writes orders from several goroutines.
type pipe struct {
	mu sync.Mutex
	to *gob.Encoder
}

func (p *pipe) write(o order) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.to.Encode(o)
}

// beHub is the process: it ends with its input.
func beHub(ctx context.Context, number string, in io.Reader, out io.Writer) error {
	n, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	back := &pipe{to: gob.NewEncoder(out)}
	e, err := media.New(media.Options{Self: nth(n), Loopback: true, Send: func(_ context.Context, to wire.DeviceID, data []byte) error {
		return back.write(order{Device: to, Data: data})
	}})
	if err != nil {
		return err
	}
	defer e.Close()
	for orders := gob.NewDecoder(in); ; {
		var o order
		if err := orders.Decode(&o); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		switch {
		case o.Plan != nil:
			e.Follow(*o.Plan)
		case o.Wants != nil:
			e.Want(o.Wants)
		case o.Offer != "":
			a := order{}
			if a.Answer, _, err = e.Page(ctx, o.Offer, o.Sending, false); err != nil {
				a.Error = err.Error()
			}
			if err := back.write(a); err != nil {
				return err
			}
		default:
			e.Signal(o.Device, o.Data)
		}
	}
}

// hubProcess is the other end of one.
type hubProcess struct {
	command *exec.Cmd
	pipe    *pipe
	answers chan order
	id      wire.DeviceID
}

func (t *table) hub(ctx context.Context, n int) (*hubProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find program: %w", err)
	}
	h := &hubProcess{command: exec.CommandContext(ctx, self, callsHub, strconv.Itoa(n)), answers: make(chan order, 1), id: nth(n)}
	h.command.Stderr = os.Stderr
	in, err := h.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := h.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := h.command.Start(); err != nil {
		return nil, fmt.Errorf("start hub: %w", err)
	}
	h.pipe = &pipe{to: gob.NewEncoder(in)}
	ended := make(chan struct{})
	go func() { // not the table's: it ends when the process does
		defer close(ended)
		for said := gob.NewDecoder(out); ; {
			var o order
			if said.Decode(&o) != nil {
				return
			}
			if o.Data == nil {
				h.answers <- o
				continue
			}
			_ = t.send(h.id, o.Device, o.Data) // who is gone hears nothing
		}
	}()
	t.ends = append(t.ends, func() {
		_ = in.Close()
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = h.command.Process.Kill()
		}
		_ = h.command.Wait()
	})
	t.seat(h.id, func(from wire.DeviceID, data []byte) { _ = h.pipe.write(order{Device: from, Data: data}) })
	return h, nil
}

func (h *hubProcess) follow(p media.Plan) error { return h.pipe.write(order{Plan: &p}) }

// answer is the Engine.Page of the process.
func (h *hubProcess) answer(ctx context.Context, offer string, sending []media.Slot, _ bool) (string, int64, error) {
	if err := h.pipe.write(order{Offer: offer, Sending: sending}); err != nil {
		return "", 0, err
	}
	select {
	case a := <-h.answers:
		if a.Error != "" {
			return "", 0, errors.New(a.Error)
		}
		return a.Answer, 0, nil
	case <-ctx.Done():
		return "", 0, ctx.Err()
	}
}
