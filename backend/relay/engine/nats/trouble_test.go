package nats

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/enginetest"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// heard keeps the news of one space.
type heard struct {
	mu    sync.Mutex
	items []engine.Item
}

func (h *heard) options() engine.Options {
	return engine.Options{News: func(_ wire.SpaceID, items []engine.Item) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.items = append(h.items, items...)
	}}
}

func (h *heard) all() []engine.Item {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.items)
}

func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !so() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come about: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func put(t *testing.T, e *Engine, space wire.SpaceID, runs ...engine.Run) {
	t.Helper()
	results, err := e.Append(t.Context(), engine.Tenant{1}, space, runs)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Err != nil {
			t.Fatalf("%+v", r)
		}
	}
}

// A hint that never comes delays news and loses none.
func TestLostHints(t *testing.T) {
	url := serve(t)
	var h heard
	e, other := openOn(t, url, h.options()), openOn(t, url, engine.Options{})
	defer func() { _, _ = e.Close(), other.Close() }()
	a := enginetest.NewAuthor(enginetest.NewSpace())
	stop, err := e.Follow(t.Context(), a.Space)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	f := e.follows.of(a.Space)
	if err := f.sub.Unsubscribe(); err != nil { // from here on nothing is hinted at
		t.Fatal(err)
	}
	for range 20 {
		put(t, other, a.Space, a.Write(2, 50))
	}
	until(t, "news without hints", func() bool { return len(h.all()) == 40 })
	enginetest.Exactly(t, h.all(), 1, a)
}

// More feeds than a direct read answers for.
func TestManyFeeds(t *testing.T) {
	e := openOn(t, serve(t), engine.Options{})
	defer func() { _ = e.Close() }()
	space := enginetest.NewSpace()
	want := map[protocol.Head]bool{}
	var runs []engine.Run
	for range 1500 {
		a := enginetest.NewAuthor(space)
		runs = append(runs, a.Write(1, 10))
		want[a.Head()] = true
	}
	put(t, e, space, runs...)
	check := func() {
		t.Helper()
		heads, err := e.Heads(t.Context(), space)
		if err != nil || len(heads) != len(want) {
			t.Fatalf("%d heads of %d, %v", len(heads), len(want), err)
		}
		for _, h := range heads {
			if !want[h] {
				t.Fatalf("head %+v", h)
			}
		}
	}
	check()
	if _, err := e.Sweep(t.Context(), engine.Tenant{1}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	check()
	// Remembered, and kept level.
	stop, err := e.Follow(t.Context(), space)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	check()
	a := enginetest.NewAuthor(space)
	put(t, e, space, a.Write(1, 10))
	want[a.Head()] = true
	check()
}

// More chunks than are asked for one by one.
func TestManyChunks(t *testing.T) {
	e := openOn(t, serve(t), engine.Options{})
	defer func() { _ = e.Close() }()
	space := enginetest.NewSpace()
	var hashes [][32]byte
	var want []bool
	for i := range 3 * askApart {
		hashes, want = append(hashes, [32]byte(wire.Random(32))), append(want, i%2 == 0)
		if want[i] {
			if err := e.PutChunk(t.Context(), engine.Tenant{1}, space, hashes[i], wire.Random(10)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if has, err := e.HasChunks(t.Context(), space, hashes); err != nil || !slices.Equal(has, want) {
		t.Errorf("has %v, %v", has, err)
	}
}

// A relay that dies between a grant and its index leaves that to the others.
func TestIndexIsRepaired(t *testing.T) {
	url := serve(t)
	e := openOn(t, url, engine.Options{})
	defer func() { _ = e.Close() }()
	space, device := enginetest.NewSpace(), wire.DeviceID(wire.Random(32))
	data := wire.MustEncode(storedGrant{Version: 1, Raw: []byte{1}, Signature: []byte{2},
		Set: []protocol.Entry{{Device: device, Rights: protocol.RightUse}}})
	if _, err := e.publish(t.Context(), grantSubject(space), 0, data); err != nil {
		t.Fatal(err)
	}
	until(t, "the device is listed", func() bool {
		spaces, err := e.Listed(t.Context(), device, wire.SpaceID{}, 10)
		return err == nil && slices.Equal(spaces, []wire.SpaceID{space})
	})
	// Nor does an older grant that is indexed late undo a newer one.
	if err := e.indexEntry(t.Context(), device, space, 3, protocol.RightNone); err != nil {
		t.Fatal(err)
	}
	if err := e.indexEntry(t.Context(), device, space, 2, protocol.RightUse); err != nil {
		t.Fatal(err)
	}
	if spaces, err := e.Listed(t.Context(), device, wire.SpaceID{}, 10); err != nil || len(spaces) != 0 {
		t.Errorf("%v, %v", spaces, err)
	}
}

// A server that goes away and comes back: who writes waits or is told that the
// store is away, news go on, nothing is stored twice.
func TestServerComesBack(t *testing.T) {
	address := freeAddress(t)
	file := filepath.Join(t.TempDir(), "one.conf")
	text := "server_name: one\nlisten: \"" + address + "\"\nmax_payload: 8MB\nlog_file: \"" + filepath.ToSlash(filepath.Join(t.TempDir(), "log")) + "\"\njetstream { store_dir: \"" + filepath.ToSlash(t.TempDir()) + "\", sync_interval: always }\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{name: "one", env: roleServer + "=" + file}
	p.start(t)
	defer func() { p.kill() }()
	var h heard
	e := openOn(t, "nats://"+address, h.options())
	defer func() { _ = e.Close() }()
	a := enginetest.NewAuthor(enginetest.NewSpace())
	stop, err := e.Follow(t.Context(), a.Space)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for range 3 {
		put(t, e, a.Space, a.Write(3, 100))
		run := a.Write(2, 100)
		p.kill()
		if err := e.Healthy(t.Context()); !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("without a server: %v", err)
		}
		p.start(t)
		until(t, "it is stored", func() bool {
			r, err := e.Append(t.Context(), engine.Tenant{1}, a.Space, []engine.Run{run})
			if err != nil && !errors.Is(err, engine.ErrUnavailable) || err == nil && r[0].Err != nil {
				t.Fatalf("%+v, %v", r, err)
			}
			return err == nil
		})
	}
	until(t, "all news", func() bool { return len(h.all()) >= 15 })
	enginetest.Exactly(t, h.all(), 1, a)
}

// The configuration that is handed out is one that the engine can work with.
func TestHandedOutConfiguration(t *testing.T) {
	t.Setenv("NODE", "nats1")
	t.Setenv("NATS_PASSWORD", "p0123456789abcdef")
	o, err := natsserver.ProcessConfigFile(filepath.Join("..", "..", "..", "..", "build", "relay", "nats.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if !o.SyncAlways || !o.JetStream || o.MaxPayload < leastPayload || o.Cluster.Name == "" || o.ServerName != "nats1" || len(o.Routes) != 3 {
		t.Errorf("%+v", o)
	}
	if len(o.Users) != 1 || o.Users[0].Password != "p0123456789abcdef" || strings.Contains(o.Users[0].Account.Name, "SYS") {
		t.Errorf("users %+v", o.Users)
	}
}
