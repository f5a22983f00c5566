package ephemeral_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"roundtable/backend/ephemeral"
	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

// desk is an exchange whose peer is the test.
type desk struct {
	*ephemeral.Exchange
	receive func(context.Context, wire.DeviceID, link.Stream)
	up      func(context.Context, wire.DeviceID)
	key     key.EpochKey
	out     *pipe
}

var (
	we, they = wire.DeviceID{1}, wire.DeviceID{2}
	ours     = wire.SpaceID{7}
)

func newDesk() *desk {
	d := &desk{key: key.NewEpochKey(), out: &pipe{}}
	d.Exchange = ephemeral.New(d, d, slog.New(slog.DiscardHandler))
	return d
}

func (d *desk) Handle(protocol string, h func(context.Context, wire.DeviceID, link.Stream)) {
	if protocol == ephemeral.Protocol {
		d.receive = h
	}
}
func (d *desk) OnUp(f func(context.Context, wire.DeviceID)) { d.up = f }
func (d *desk) OpenStream(context.Context, wire.DeviceID, string) (link.Stream, error) {
	return d.out, nil
}
func (d *desk) Self() wire.DeviceID { return we }
func (d *desk) Shares(id wire.SpaceID, device wire.DeviceID) bool {
	return id == ours && device == they
}
func (d *desk) SealNow(_ wire.SpaceID, header, plain []byte) (wire.EpochID, []byte, error) {
	return d.key.ID(), d.key.Seal(header, plain), nil
}
func (d *desk) OpenNow(_ wire.SpaceID, epoch wire.EpochID, header, sealed []byte) ([]byte, error) {
	if epoch != d.key.ID() {
		return nil, key.ErrSealed
	}
	return d.key.Open(header, sealed)
}

// pipe is a stream whose other end is a buffer.
type pipe struct {
	mu sync.Mutex
	bytes.Buffer
}

func (p *pipe) Read(b []byte) (int, error) { p.mu.Lock(); defer p.mu.Unlock(); return p.Buffer.Read(b) }
func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Buffer.Write(b)
}
func (p *pipe) Close() error                     { return nil }
func (p *pipe) SetDeadline(time.Time) error      { return nil }
func (p *pipe) SetReadDeadline(time.Time) error  { return nil }
func (p *pipe) SetWriteDeadline(time.Time) error { return nil }

func (d *desk) hears(frames ...ephemeral.Frame) {
	p := &pipe{}
	for _, f := range frames {
		_ = wire.Send(p, f)
	}
	d.receive(context.Background(), they, p)
}

func (d *desk) sealed(plain []byte) ephemeral.Frame {
	return ephemeral.Frame{Space: ours, Epoch: d.key.ID(), Sealed: d.key.Seal(ephemeral.Header(ours, they), plain)}
}

// FuzzReceive: no frame and no sealed content makes more of it than a message of
// a kind that is handled, within limits.
func FuzzReceive(f *testing.F) {
	d := newDesk()
	var got wire.Raw
	d.Exchange.Handle("typing", func(id wire.SpaceID, from wire.DeviceID, body wire.Raw) {
		if id != ours || from != they {
			panic("a message from nowhere")
		}
		got = body
	})
	plain := wire.MustEncode([]any{"typing", map[int]int{}})
	var whole pipe
	_ = wire.Send(&whole, d.sealed(plain))
	f.Add(whole.Bytes(), plain)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff}, []byte{0x82})
	f.Add([]byte{0, 0, 0, 1, 0xa0}, wire.MustEncode([]any{"other", 1}))
	f.Fuzz(func(t *testing.T, raw, plain []byte) {
		p := &pipe{}
		_, _ = p.Write(raw)
		d.receive(context.Background(), they, p)
		d.hears(d.sealed(plain))
		if len(got) > wire.MaxEphemeral {
			t.Errorf("%d bytes", len(got))
		}
		got = nil
	})
}

func TestOnlyWhatIsSealedForUs(t *testing.T) {
	d := newDesk()
	var heard int
	d.Exchange.Handle("typing", func(wire.SpaceID, wire.DeviceID, wire.Raw) { heard++ })
	plain := wire.MustEncode([]any{"typing", map[int]int{}})
	good := d.sealed(plain)
	for name, f := range map[string]ephemeral.Frame{
		"another space":    {Space: wire.SpaceID{8}, Epoch: good.Epoch, Sealed: good.Sealed},
		"another epoch":    {Space: ours, Epoch: wire.EpochID{9}, Sealed: good.Sealed},
		"another's words":  {Space: ours, Epoch: good.Epoch, Sealed: d.key.Seal(ephemeral.Header(ours, we), plain)},
		"changed":          {Space: ours, Epoch: good.Epoch, Sealed: append([]byte{1}, good.Sealed...)},
		"nothing":          {Space: ours},
		"not a message":    d.sealed([]byte("x")),
		"a kind too long":  d.sealed(wire.MustEncode([]any{string(bytes.Repeat([]byte{'k'}, 33)), 1})),
		"nobody's kind":    d.sealed(wire.MustEncode([]any{"ringing", 1})),
		"too many members": d.sealed(wire.MustEncode([]any{"typing", 1, 2})),
	} {
		if d.hears(f); heard != 0 {
			t.Fatalf("%s was taken", name)
		}
	}
	if d.hears(good); heard != 1 {
		t.Error("an honest message was not taken")
	}
	many := make([]ephemeral.Frame, 500)
	for i := range many {
		many[i] = good
	}
	if d.hears(many...); heard > 200 {
		t.Errorf("%d messages in a moment", heard)
	}
}

func TestSend(t *testing.T) {
	d := newDesk()
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	for _, peer := range []wire.DeviceID{they, {3}} {
		done.Go(func() { d.up(ctx, peer) })
	}
	if err := d.Send(ours, "typing", make([]byte, wire.MaxEphemeral)); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(time.Millisecond) {
		if err := d.Send(ours, "typing", struct{}{}); err != nil {
			t.Fatal(err)
		}
		d.out.mu.Lock()
		n := d.out.Len()
		d.out.mu.Unlock()
		if n > 0 {
			break
		}
	}
	cancel()
	done.Wait()
	var f ephemeral.Frame
	if err := wire.Receive(d.out, 1000, &f); err != nil || f.Space != ours {
		t.Fatalf("%+v, %v", f, err)
	}
	if _, err := d.key.Open(ephemeral.Header(ours, we), f.Sealed); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(d.out); err != nil {
		t.Error(err)
	}
}
