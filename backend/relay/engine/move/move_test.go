package move

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/enginetest"
	"roundtable/backend/relay/engine/sqlite"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

var errCut = errors.New("the line was cut")

func open(t *testing.T, name string) *sqlite.Engine {
	t.Helper()
	e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), name), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// office is what a relay keeps of one space.
type office struct {
	t       *testing.T
	engine  engine.Engine
	tenant  engine.Tenant
	space   wire.SpaceID
	key     key.SigningKey
	version uint64
	head    [32]byte
	authors []*enginetest.Author
}

func newOffice(t *testing.T, e engine.Engine, tenant byte, feeds int) *office {
	o := &office{t: t, engine: e, tenant: engine.Tenant{tenant}, space: enginetest.NewSpace(), key: key.NewSigningKey()}
	o.grants()
	for range feeds {
		o.authors = append(o.authors, enginetest.NewAuthor(o.space))
	}
	return o
}

func (o *office) grants() {
	o.version++
	g := protocol.Grant{Space: o.space, Workspace: o.space, Version: o.version, Prev: o.head, By: o.key.Public(),
		Set: []protocol.Entry{{Device: o.key.Public(), Rights: protocol.RightManage}, {Device: wire.DeviceID(wire.Random(32)), Rights: protocol.RightUse}}}
	signed, err := g.Sign(o.key)
	if err == nil {
		o.head = signed.Hash()
		err = o.engine.AppendGrant(context.Background(), o.tenant, o.space, o.version, signed, g.Set)
	}
	if err != nil {
		o.t.Error(err)
	}
}

func (o *office) writes(author, n, size int) {
	r, err := o.engine.Append(context.Background(), o.tenant, o.space, []engine.Run{o.authors[author].Write(n, size)})
	if err != nil || r[0].Err != nil {
		o.t.Errorf("%+v, %v", r, err)
	}
}

func (o *office) puts(size int) {
	chunk := wire.Random(size)
	if err := o.engine.PutChunk(context.Background(), o.tenant, o.space, key.Digest(chunk), chunk); err != nil {
		o.t.Error(err)
	}
}

// works does a little of everything.
func (o *office) works(random *rand.Rand) {
	for range 1 + random.IntN(6) {
		o.writes(random.IntN(len(o.authors)), 1+random.IntN(9), random.IntN(2000))
	}
	switch random.IntN(4) {
	case 0:
		o.puts(1 + random.IntN(200_000))
	case 1:
		o.grants()
	}
}

// isAt compares the space at the source with what is at another engine.
func (o *office) isAt(to engine.Engine) {
	o.t.Helper()
	ctx := o.t.Context()
	read := func(e engine.Engine) (raws [][]byte) {
		items, err := enginetest.ReadAll(ctx, e, o.space, nil, 0)
		if err != nil {
			o.t.Fatal(err)
		}
		enginetest.InOrder(o.t, items)
		for _, item := range items {
			raws = append(raws, item.Raw)
		}
		return raws
	}
	if want, got := read(o.engine), read(to); !slices.EqualFunc(want, got, bytes.Equal) {
		o.t.Errorf("space %s: %d envelopes, at the target %d, or in another order", o.space, len(want), len(got))
	}
	told := func(e engine.Engine) string {
		heads, err := e.Heads(ctx, o.space)
		hashes, err2 := e.ChunkHashes(ctx, o.space, [32]byte{}, 1<<20)
		grants, tenant, err3 := e.Grants(ctx, o.space, 0)
		listed, err4 := e.Listed(ctx, o.key.Public(), wire.SpaceID{}, 10)
		for _, hash := range hashes {
			if chunk, err := e.GetChunk(ctx, o.space, hash); err != nil || key.Digest(chunk) != hash {
				o.t.Errorf("chunk: %v", err)
			}
		}
		return fmt.Sprint(heads, hashes, grants, tenant, listed, errors.Join(err, err2, err3, err4))
	}
	if want, got := told(o.engine), told(to); want != got {
		o.t.Errorf("space %s: heads, chunks, grants or rights differ:\n%.300s\n%.300s", o.space, want, got)
	}
}

// cut is a target whose line is cut after so many changes, before or after the
// change is made.
type cut struct {
	*sqlite.Engine
	mu    sync.Mutex
	left  int
	after bool
}

func (c *cut) passes(fn func() error) error {
	c.mu.Lock()
	c.left--
	left := c.left
	c.mu.Unlock()
	if left >= 0 {
		return fn()
	}
	if left == -1 && c.after {
		if err := fn(); err != nil {
			return err
		}
	}
	return errCut
}

func (c *cut) Append(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, runs []engine.Run) (r []engine.Result, err error) {
	err = c.passes(func() (err error) { r, err = c.Engine.Append(ctx, tenant, space, runs); return err })
	return r, err
}

func (c *cut) AppendGrant(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, version uint64, signed protocol.Signed, set []protocol.Entry) error {
	return c.passes(func() error { return c.Engine.AppendGrant(ctx, tenant, space, version, signed, set) })
}

func (c *cut) PutChunk(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, hash [32]byte, bytes []byte) error {
	return c.passes(func() error { return c.Engine.PutChunk(ctx, tenant, space, hash, bytes) })
}

func (c *cut) SetRecord(ctx context.Context, kind, key string, value []byte) error {
	return c.passes(func() error { return c.Engine.SetRecord(ctx, kind, key, value) })
}

func (c *cut) Begin(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, heads []protocol.Head) error {
	return c.passes(func() error { return c.Engine.Begin(ctx, tenant, space, heads) })
}

// TestMoveCutAnywhere: the line is cut again and again while the source goes on.
// At last the source stops, and after one more run everything is at the target, in order.
func TestMoveCutAnywhere(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	from, to := open(t, "from"), open(t, "to")
	var offices []*office
	for i := range 10 {
		o := newOffice(t, from, byte(1+i%2), 1+i%4)
		offices = append(offices, o)
		for range 5 {
			o.works(random)
		}
	}
	swept(t, from, offices)
	for _, o := range offices {
		o.works(random)
	}
	if err := from.SetRecord(t.Context(), "tenant", "a", []byte("first")); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		random := rand.New(rand.NewPCG(seed, 2))
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
			}
			offices[random.IntN(len(offices))].works(random)
			if i == 5 {
				o := newOffice(t, from, 1, 2) // comes while the move is under way
				o.writes(0, 3, 10)
				if err := from.SetRecord(t.Context(), "tenant", "b", nil); err != nil {
					t.Error(err)
				}
			}
		}
	})
	cuts := 0
	for n := 1; ; n += 1 + random.IntN(1+n/8) {
		err := Move(t.Context(), from, &cut{Engine: to, left: n, after: random.IntN(2) == 0}, []string{"tenant"}, nil)
		if err == nil || n > 5000 {
			break
		}
		if !errors.Is(err, errCut) {
			t.Errorf("%v", err)
			break
		}
		cuts++
	}
	close(done)
	wg.Wait()
	var last Progress
	if err := Move(t.Context(), from, to, []string{"tenant"}, func(p Progress) { last = p }); err != nil {
		t.Fatal(err)
	}
	if last.Spaces != 11 || last.Checked != 11 {
		t.Errorf("%+v", last)
	}
	for _, o := range offices {
		o.isAt(to)
	}
	if v, err := to.Record(t.Context(), "tenant", "a"); err != nil || string(v) != "first" {
		t.Errorf("%q, %v", v, err)
	}
	for n := range byte(2) {
		a, err := from.Usage(t.Context(), engine.Tenant{n + 1})
		b, err2 := to.Usage(t.Context(), engine.Tenant{n + 1})
		if a != b || a.Envelopes == 0 || err != nil || err2 != nil {
			t.Errorf("usage %+v, at the target %+v, %v %v", a, b, err, err2)
		}
	}
	t.Logf("cut %d times", cuts)
	if err := Move(t.Context(), from, to, []string{"tenant"}, func(p Progress) { last = p }); err != nil || last.Envelopes+last.Grants+last.Chunks+last.Records != 0 {
		t.Errorf("once more: %+v, %v", last, err)
	}
}

// swept takes what one tenant has: some feeds go on afterwards, some do not.
func swept(t *testing.T, from *sqlite.Engine, offices []*office) {
	t.Helper()
	if _, err := from.Sweep(t.Context(), engine.Tenant{1}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, o := range offices {
		if len(o.authors) > 1 {
			o.authors = o.authors[:len(o.authors)-1] // one is silent from now on
		}
	}
}

func TestRecordsFollowTheSource(t *testing.T) {
	from, to := open(t, "from"), open(t, "to")
	set := func(e engine.Engine, kind, k string, value []byte) {
		t.Helper()
		if err := e.SetRecord(t.Context(), kind, k, value); err != nil {
			t.Fatal(err)
		}
	}
	set(from, "tenant", "a", []byte("1"))
	set(from, "tenant", "b", []byte{})
	set(from, "secret", "s", []byte("not asked for"))
	set(to, "tenant", "own", []byte("stays"))
	check := func(kind string, want ...string) {
		t.Helper()
		if err := Move(t.Context(), from, to, []string{"tenant"}, nil); err != nil {
			t.Fatal(err)
		}
		if keys, err := to.RecordKeys(t.Context(), kind); err != nil || !slices.Equal(slices.Sorted(slices.Values(keys)), want) {
			t.Errorf("%v, want %v, %v", keys, want, err)
		}
	}
	check("tenant", "a", "b", "own")
	set(from, "tenant", "a", []byte("2"))
	set(from, "tenant", "b", nil)
	check("tenant", "a", "own")
	check("secret")
	if v, err := to.Record(t.Context(), "tenant", "a"); err != nil || string(v) != "2" {
		t.Errorf("%q, %v", v, err)
	}
	if err := Move(t.Context(), from, from, nil, nil); err == nil {
		t.Error("a store is moved to itself")
	}
	if err := Move(t.Context(), from, to, []string{Marks}, nil); err == nil {
		t.Error("marks are moved")
	}
}

// plain is a target that cannot begin feeds in the middle.
type plain struct{ engine.Engine }

// What cannot be moved is said, and the rest is moved.
func TestMoveSaysWhatIsMissing(t *testing.T) {
	from, to := open(t, "from"), open(t, "to")
	sound, forked, begun := newOffice(t, from, 1, 1), newOffice(t, from, 1, 1), newOffice(t, from, 2, 2)
	sound.writes(0, 5, 10)
	other := forked.authors[0].Fork()
	forked.writes(0, 5, 10)
	if _, err := to.Append(t.Context(), forked.tenant, forked.space, []engine.Run{other.Write(2, 10)}); err != nil {
		t.Fatal(err)
	}
	begun.writes(0, 5, 10)
	begun.writes(1, 5, 10)
	if _, err := from.Sweep(t.Context(), begun.tenant, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	begun.writes(0, 5, 10)
	if err := Move(t.Context(), from, plain{to}, nil, nil); !errors.Is(err, ErrIncomplete) {
		t.Errorf("%v", err)
	}
	sound.isAt(to)
	if items, err := enginetest.ReadAll(t.Context(), to, begun.space, nil, 0); err != nil || len(items) != 0 {
		t.Errorf("%d envelopes without a beginning, %v", len(items), err)
	}
	if err := Move(t.Context(), from, to, nil, nil); !errors.Is(err, ErrIncomplete) || !errors.Is(err, engine.ErrForked) {
		t.Errorf("%v", err)
	}
	begun.isAt(to)
	sound.isAt(to)
}

func TestMoveEnds(t *testing.T) {
	from, to := open(t, "from"), open(t, "to")
	o := newOffice(t, from, 1, 1)
	o.writes(0, 100, 100)
	ctx, cancel := context.WithCancel(t.Context())
	err := Move(ctx, from, to, nil, func(Progress) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := Move(t.Context(), from, to, nil, nil); err != nil {
		t.Error(err)
	}
	o.isAt(to)
}
