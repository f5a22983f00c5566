package secure_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/secure"
	"roundtable/backend/wire"
)

func identity(t *testing.T) *secure.Identity {
	t.Helper()
	i, err := secure.New(key.NewSigningKey())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// outcome of one side.
type outcome struct {
	device wire.DeviceID
	err    error
}

// shake runs both sides over a pipe.
func shake(t *testing.T, a, b *secure.Identity, aWants, bWants wire.DeviceID) (dialler, listener outcome) {
	t.Helper()
	x, y := net.Pipe()
	t.Cleanup(func() { x.Close(); y.Close() })
	done := make(chan outcome, 1)
	go func() {
		conn, device, err := b.Server(t.Context(), y, bWants, secure.Limits{})
		if err == nil {
			err = secure.Answer(conn, true, 10*time.Second)
		}
		done <- outcome{device, err}
	}()
	conn, device, err := a.Client(t.Context(), x, aWants, secure.Limits{})
	if err == nil {
		err = secure.Await(t.Context(), conn)
	}
	return outcome{device, err}, <-done
}

func TestBothSidesProve(t *testing.T) {
	a, b, other := identity(t), identity(t), identity(t)
	none := wire.DeviceID{}
	for name, c := range map[string]struct {
		from, to       *secure.Identity
		aWants, bWants wire.DeviceID
		want           error // of the dialler
		listener       error
	}{
		"nobody pinned":          {a, b, none, none, nil, nil},
		"both pinned":            {a, b, b.Self(), a.Self(), nil, nil},
		"dialler wants another":  {a, b, other.Self(), none, link.ErrWrongDevice, link.ErrHandshake},
		"listener wants another": {a, b, b.Self(), other.Self(), link.ErrHandshake, link.ErrWrongDevice},
		"ourselves":              {a, a, none, none, link.ErrSelf, link.ErrHandshake},
	} {
		t.Run(name, func(t *testing.T) {
			dialler, listener := shake(t, c.from, c.to, c.aWants, c.bWants)
			if !errors.Is(dialler.err, c.want) || !errors.Is(listener.err, c.listener) {
				t.Fatalf("%v and %v, want %v and %v", dialler.err, listener.err, c.want, c.listener)
			}
			if c.want == nil && (dialler.device != c.to.Self() || listener.device != c.from.Self()) {
				t.Errorf("proven %v and %v", dialler.device, listener.device)
			}
		})
	}
}

func TestHandshakeIsBounded(t *testing.T) {
	a := identity(t)
	t.Run("time", func(t *testing.T) {
		x, y := net.Pipe()
		defer y.Close()
		go func() { // swallows everything
			buf := make([]byte, 1024)
			for {
				if _, err := y.Read(buf); err != nil {
					return
				}
			}
		}()
		if _, _, err := a.Client(t.Context(), x, wire.DeviceID{}, secure.Limits{Within: 50 * time.Millisecond}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
	t.Run("bytes", func(t *testing.T) {
		x, y := net.Pipe()
		defer y.Close()
		go func() { // one handshake message that never ends
			junk := append([]byte{22, 3, 3, 0x3f, 0xff}, make([]byte, 0x3fff)...)
			junk[5], junk[6], junk[7], junk[8] = 1, 0, 0xff, 0xff
			for {
				if _, err := y.Write(junk); err != nil {
					return
				}
			}
		}()
		if _, _, err := a.Server(t.Context(), x, wire.DeviceID{}, secure.Limits{}); !errors.Is(err, link.ErrHandshake) {
			t.Error(err)
		}
	})
}

func TestAwait(t *testing.T) {
	x, y := net.Pipe()
	defer y.Close()
	go func() { _ = secure.Answer(y, false, 10*time.Second) }()
	if err := secure.Await(t.Context(), x); !errors.Is(err, link.ErrRefused) {
		t.Error(err)
	}
	x, y = net.Pipe()
	defer y.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := secure.Await(ctx, x); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
