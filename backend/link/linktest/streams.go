package linktest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

// noise is bytes that follow from a seed.
func noise(seed uint64, n int) []byte {
	out := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}).Read(out)
	return out
}

func order(t *testing.T, w *world) {
	here, there := w.link(t)
	x, y := w.stream(t, here, there)
	want := noise(1, 1<<20)
	go func() {
		r := rand.New(rand.NewPCG(1, 2))
		for rest := want; len(rest) > 0; {
			n := min(len(rest), 1+r.IntN(200_000)) // shorter and longer than any frame
			if _, err := x.Write(rest[:n]); err != nil {
				return
			}
			rest = rest[n:]
		}
		x.Close()
	}()
	got, err := io.ReadAll(y)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%d of %d bytes, equal %v, %v", len(got), len(want), bytes.Equal(got, want), err)
	}
}

func bothOpen(t *testing.T, w *world) {
	here, there := w.link(t)
	for _, pair := range [][2]link.Link{{here, there}, {there, here}} {
		x, y := w.stream(t, pair[0], pair[1])
		for _, dir := range [][2]link.Stream{{x, y}, {y, x}} {
			if err := wire.WriteFrame(dir[0], []byte("你好")); err != nil {
				t.Fatal(err)
			}
			if got, err := wire.ReadFrame(dir[1], 100); err != nil || string(got) != "你好" {
				t.Fatalf("%q, %v", got, err)
			}
		}
		x.Close()
		y.Close()
	}
}

func halfClose(t *testing.T, w *world) {
	here, there := w.link(t)
	x, y := w.stream(t, here, there)
	io.WriteString(x, "question")
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(y); err != nil || string(got) != "question" {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := x.Write([]byte("more")); !errors.Is(err, link.ErrClosed) {
		t.Errorf("write after close: %v", err)
	}
	answer := noise(2, 300_000)
	if _, err := y.Write(answer); err != nil {
		t.Fatal(err)
	}
	y.Close()
	if got, err := io.ReadAll(x); err != nil || !bytes.Equal(got, answer) {
		t.Fatalf("the answer: %d bytes, %v", len(got), err)
	}
	if err := errors.Join(x.Close(), y.Close()); err != nil {
		t.Errorf("close again: %v", err)
	}
}

func lostLink(t *testing.T, w *world) {
	here, there := w.link(t)
	x, y := w.stream(t, here, there)
	io.WriteString(x, "half a sen")
	if _, err := io.ReadFull(y, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	errs := make(chan error, 1)
	go func() {
		_, err := y.Read(make([]byte, 1))
		errs <- err
	}()
	time.Sleep(5 * time.Millisecond)
	here.Close()
	if err := <-errs; !errors.Is(err, link.ErrClosed) || errors.Is(err, io.EOF) {
		t.Errorf("read while the link was lost: %v", err)
	}
}

func backPressure(t *testing.T, w *world) {
	here, there := w.link(t)
	x, y := w.stream(t, here, there)
	// Far more than any window and buffer: without back-pressure it would pass.
	const total = 96 << 20
	part := noise(3, 1<<20)
	x.SetWriteDeadline(time.Now().Add(400 * time.Millisecond))
	sent := 0
	var err error
	for sent < total && err == nil {
		var n int
		n, err = x.Write(part)
		sent += n
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("%d bytes written though nobody reads: %v", sent, err)
	}
	x.SetWriteDeadline(time.Time{})
	go func() { x.Write([]byte("!")); x.Close() }()
	n, err := io.Copy(io.Discard, y)
	if err != nil || n != int64(sent+1) {
		t.Errorf("%d bytes read of %d written: %v", n, sent+1, err)
	}
}

func manyStreams(t *testing.T, w *world) {
	here, there := w.link(t)
	const streams = 200
	go func() {
		for {
			s, err := there.Accept(w.ctx)
			if err != nil {
				return
			}
			go func() { io.Copy(s, s); s.Close() }()
		}
	}()
	var wg sync.WaitGroup
	errs := make(chan error, streams)
	for i := range streams {
		wg.Go(func() {
			s, err := here.Open(w.ctx)
			if err != nil {
				errs <- err
				return
			}
			want := noise(uint64(i), 10_000)
			go func() { s.Write(want); s.Close() }()
			got, err := io.ReadAll(s)
			if err != nil || !bytes.Equal(got, want) {
				errs <- fmt.Errorf("stream %d: %d bytes, %w", i, len(got), err)
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}

func noHeadOfLine(t *testing.T, w *world) {
	here, there := w.link(t)
	slow, _ := w.stream(t, here, there)
	go slow.Write(make([]byte, 40<<20)) // nobody reads
	time.Sleep(20 * time.Millisecond)
	x, y := w.stream(t, here, there)
	y.SetDeadline(time.Now().Add(5 * time.Second))
	x.Write([]byte("urgent"))
	got := make([]byte, 6)
	if _, err := io.ReadFull(y, got); err != nil || string(got) != "urgent" {
		t.Errorf("%q, %v", got, err)
	}
	here.Close()
}

func deadlines(t *testing.T, w *world) {
	here, there := w.link(t)
	x, y := w.stream(t, here, there)
	y.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if _, err := y.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read: %v", err)
	}
	y.SetReadDeadline(time.Time{})
	x.Write([]byte("a")) // a deadline passed is not the end of the stream
	if _, err := y.Read(make([]byte, 1)); err != nil {
		t.Fatalf("read after a deadline: %v", err)
	}
	errs := make(chan error, 1)
	go func() {
		_, err := y.Read(make([]byte, 1))
		errs <- err
	}()
	time.Sleep(5 * time.Millisecond)
	y.SetReadDeadline(time.Now()) // reaches a Read that waits already
	select {
	case err := <-errs:
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read: %v", err)
		}
	case <-w.ctx.Done():
		t.Error("a waiting Read does not see a new deadline")
	}
}

func bigTransfer(t *testing.T, w *world) {
	here, there := w.link(t)
	x, y := w.stream(t, here, there)
	const total = 48 << 20
	sent := sha256.New()
	go func() {
		defer x.Close()
		part := noise(4, 1<<20)
		for range total >> 20 {
			part[0]++
			sent.Write(part)
			if _, err := x.Write(part); err != nil {
				return
			}
		}
	}()
	start := time.Now()
	got := sha256.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{got}, y, make([]byte, 256<<10))
	if err != nil || n != total || !bytes.Equal(sent.Sum(nil), got.Sum(nil)) {
		t.Fatalf("%d of %d bytes, %v", n, total, err)
	}
	t.Logf("%.0f MiB/s with hashing on both sides", float64(n)/(1<<20)/time.Since(start).Seconds())
}
