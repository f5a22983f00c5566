package rtc_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/memory"
	"roundtable/backend/link/rtc"
	"roundtable/backend/link/switchboard"
	"roundtable/backend/testnet"
	"roundtable/backend/wire"
)

// desk is a device with two ways: rtc, and a memory link that stands in for a
// relayed one.
type desk struct {
	id    wire.DeviceID
	board *switchboard.Board
	rtc   *rtc.Node
	slow  *memory.Node
}

func newDesk(t *testing.T, n *testnet.Net, name string) *desk {
	t.Helper()
	signer := key.NewSigningKey()
	slow, err := n.Node(signer.Public(), name, nil)
	if err != nil {
		t.Fatal(err)
	}
	direct, err := rtc.New(rtc.Options{Signer: signer, Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	b := switchboard.New(switchboard.Options{Self: signer.Public(), Nodes: []link.Node{direct, slow}})
	direct.Bind(b)
	b.Handle("echo", func(_ context.Context, _ wire.DeviceID, s link.Stream) { _, _ = io.Copy(s, s) })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = b.Run(ctx); close(done) }()
	t.Cleanup(func() {
		cancel()
		<-done
		_ = direct.Close()
		_ = slow.Close()
	})
	return &desk{signer.Public(), b, direct, slow}
}

// via is the way that a desk's link to another goes.
func (d *desk) via(to *desk) string {
	for _, l := range d.board.Links() {
		if l.Device == to.id {
			return l.Via
		}
	}
	return ""
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatal("not seen: " + what)
}

func echoes(t *testing.T, s link.Stream, text string) {
	t.Helper()
	_ = s.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(s, text); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(text))
	if _, err := io.ReadFull(s, got); err != nil || string(got) != text {
		t.Fatalf("%q, %v", got, err)
	}
}

// A relayed link comes up first, the direct one takes over, what runs on the old
// one ends in peace; when the direct one is lost, the same happens again.
func TestTakeover(t *testing.T) {
	n := testnet.New(1)
	li, wang := newDesk(t, n, "li"), newDesk(t, n, "wang")
	li.board.AddKnown(wang.id, "memory:wang")
	for _, d := range []*desk{li, wang} {
		await(t, "a relayed link", func() bool { return len(d.board.Links()) == 1 })
	}
	old, err := li.board.OpenStream(t.Context(), wang.id, "echo")
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	echoes(t, old, "before")

	li.board.Suggest(rtc.Addr(wang.id), wang.id) // both sides dial
	wang.board.Suggest(rtc.Addr(li.id), li.id)
	direct := func() bool { return li.via(wang) == "rtc" && wang.via(li) == "rtc" }
	await(t, "the takeover", direct)
	echoes(t, old, "after")
	for _, s := range li.board.Links() {
		if s.Addr == "" {
			t.Error("no address to show")
		}
	}
	s, err := wang.board.OpenStream(t.Context(), li.id, "echo")
	if err != nil {
		t.Fatal(err)
	}
	echoes(t, s, "你好")
	s.Close()

	await(t, "the old link's end", func() bool {
		_ = old.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		_, err := old.Read(make([]byte, 1))
		return errors.Is(err, link.ErrClosed)
	})
	if !direct() {
		t.Error("the direct link ended with the old one")
	}

	li.board.Drop(wang.id) // forgets li's addresses; wang's rtc address stays, and needs a link to signal over
	await(t, "the end of the direct link", func() bool { return !direct() })
	li.board.AddKnown(wang.id, "memory:wang")
	await(t, "another takeover", direct)
}
