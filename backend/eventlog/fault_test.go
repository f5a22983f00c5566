package eventlog

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

var errFollower = errors.New("follower failed")

// faulty fails where it is told to.
type faulty struct {
	*desk
	follow, members, reset bool
}

func (f *faulty) Follow(tx *store.Tx, e []Event) error {
	if f.follow {
		return errFollower
	}
	return f.desk.Follow(tx, e)
}

func (f *faulty) Members(tx *store.Tx, m Members) error {
	if f.members {
		return errFollower
	}
	return f.desk.Members(tx, m)
}

func (f *faulty) Reset(tx *store.Tx, id wire.SpaceID) error {
	if f.reset {
		return errFollower
	}
	return f.desk.Reset(tx, id)
}

// asOnDisk compares what stands in memory with what a fresh start reads.
func (d *desk) asOnDisk(id wire.SpaceID) {
	d.t.Helper()
	fresh := &Log{Options: d.log.Options, db: d.db, self: d.log.self, hybrid: d.log.hybrid, spaces: map[wire.SpaceID]*spaceLog{}}
	if err := d.db.Write(context.Background(), func(tx *store.Tx) error { return fresh.load(tx, id) }); err != nil {
		d.t.Fatal(err)
	}
	dump := func(l *Log) (out []byte) {
		_ = l.View(id, func(s *space.State) { out = s.Dump() })
		return out
	}
	if d.log.Knows(id) != fresh.Knows(id) || d.log.Digest(id) != fresh.Digest(id) || !bytes.Equal(dump(d.log), dump(fresh)) {
		d.t.Errorf("%s: memory is not what is on disk", d.name)
	}
	a, b := d.log.spaces[id], fresh.spaces[id]
	if a == nil || b == nil {
		return
	}
	if len(a.keys) != len(b.keys) || a.waiting != b.waiting || len(a.feeds) != len(b.feeds) {
		d.t.Errorf("%s: %d keys, %d wait, %d feeds; on disk %d, %d, %d", d.name, len(a.keys), a.waiting, len(a.feeds), len(b.keys), b.waiting, len(b.feeds))
	}
	for name, f := range a.feeds {
		g := b.feeds[name]
		if g == nil || f.seq != g.seq || f.head != g.head || f.waits != g.waits || f.frozen != g.frozen || f.durable != g.durable {
			d.t.Errorf("%s: feed %+v, on disk %+v", d.name, f, g)
		}
	}
}

func TestAFailingFollowerUndoesItsWrite(t *testing.T) {
	a, b := newDesk(t, "a"), newDesk(t, "b")
	id := a.founds()
	a.admits(id, b, space.Member, 0)
	a.posts(id, "one")
	f := &faulty{desk: a}
	a.log.Follower = f
	ctx := context.Background()
	announced := len(a.adv)

	f.follow = true
	if _, err := a.log.Append(ctx, id, Draft{Kind: "test.posted", Body: "lost"}); !errors.Is(err, errFollower) {
		t.Errorf("append: %v", err)
	}
	a.asOnDisk(id)
	if _, err := a.log.Create(ctx, space.Create{Kind: space.Workspace, Nonce: [16]byte{9}, Parties: []space.Party{a.party}}, nil); !errors.Is(err, errFollower) {
		t.Errorf("create: %v", err)
	}
	if n := len(a.log.Spaces()); n != 1 {
		t.Errorf("%d spaces", n)
	}
	f.follow = false

	f.members = true
	if err := a.log.Change(ctx, id, space.Op{Remove: &space.Remove{Person: b.party.Person}}); !errors.Is(err, errFollower) {
		t.Errorf("change: %v", err)
	}
	_ = a.log.View(id, func(s *space.State) {
		if _, in := s.MemberOf(b.sign.Public()); !in {
			t.Error("an undone removal holds")
		}
	})
	a.asOnDisk(id)
	f.members = false
	if len(a.adv) != announced {
		t.Error("something undone was announced")
	}

	a.posts(id, "two")
	a.asOnDisk(id)
	a.tells(id, b, false)
	b.sees("one", "two")
	a.reopen()
	a.posts(id, "three")
	a.tells(id, b, false)
	b.sees("one", "two", "three")
}

// The same for what others send: it can be sent again.
func TestAFailingFollowerUndoesAnIngest(t *testing.T) {
	a, b, c := newDesk(t, "a"), newDesk(t, "b"), newDesk(t, "c")
	id := a.founds()
	a.admits(id, b, space.Member, 0)
	a.admits(id, c, space.Member, 0)
	a.tells(id, b, false)
	a.tells(id, c, false)
	b.posts(id, "unseen")
	b.tells(id, c, false)
	f := &faulty{desk: c, reset: true}
	c.log.Follower = f
	a.removes(id, b)
	for name := range a.log.Frontier(id) {
		raws, err := a.log.ReadRun(context.Background(), id, name, c.log.Frontier(id)[name]+1, 1<<40)
		if err != nil || len(raws) == 0 {
			continue
		}
		if err := c.log.Ingest(context.Background(), must(c.log.Prepare(id, raws))); !errors.Is(err, errFollower) {
			t.Errorf("ingest: %v", err)
		}
	}
	c.asOnDisk(id)
	c.sees("unseen")
	f.reset = false
	a.tells(id, c, false)
	c.asOnDisk(id)
	c.sees()
}

// When a commit fails, every space of the group is as it was.
func TestAFailingCommitReloads(t *testing.T) {
	a := newDesk(t, "a")
	one := a.founds()
	two := must(a.log.Create(context.Background(), space.Create{Kind: space.Workspace, Nonce: [16]byte{2}, Parties: []space.Party{a.party}}, nil))
	a.posts(one, "kept")
	announced := len(a.adv)
	bad := errors.New("commit failed")
	a.bad = bad
	running, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = a.db.Write(context.Background(), func(tx *store.Tx) error {
			close(running)
			<-release
			return nil
		})
	})
	<-running
	for _, id := range []wire.SpaceID{one, two, one} {
		wg.Go(func() {
			if _, err := a.log.Append(context.Background(), id, Draft{Kind: "test.posted", Body: "lost"}); !errors.Is(err, bad) {
				t.Errorf("append: %v", err)
			}
		})
	}
	wg.Go(func() {
		_, err := a.log.Create(context.Background(), space.Create{Kind: space.Workspace, Nonce: [16]byte{3}, Parties: []space.Party{a.party}}, nil)
		if !errors.Is(err, bad) {
			t.Errorf("create: %v", err)
		}
	})
	time.Sleep(20 * time.Millisecond) // they queue up; one that comes late has a commit of its own, which fails as well
	close(release)
	wg.Wait()
	a.bad = nil
	a.asOnDisk(one)
	a.asOnDisk(two)
	if len(a.log.Spaces()) != 2 || len(a.adv) != announced {
		t.Errorf("%d spaces, %d announcements more", len(a.log.Spaces()), len(a.adv)-announced)
	}
	a.posts(one, "after")
	a.posts(two, "there")
	a.asOnDisk(one)
	a.reopen()
	if _, err := a.log.Append(context.Background(), one, Draft{Kind: "test.posted", Body: "again"}); err != nil {
		t.Error(err)
	}
	if n := len(a.log.Frontier(one)); n != 2 {
		t.Errorf("%d feeds", n)
	}
}

// FuzzIngest: whatever a member signs and seals, in either lane, it does not
// break the log: what we write is stored, and a fresh start reads the same.
func FuzzIngest(f *testing.F) {
	f.Add(string(event.Space), wire.MustEncode(space.Op{Rotate: &space.Rotate{Epoch: wire.EpochID{1}}}), false)
	f.Add(string(event.Space), wire.MustEncode(space.Op{Parents: []wire.EventID{{1}}, Remove: &space.Remove{}}), false)
	f.Add(string(event.Keys), wire.MustEncode(boxes{[]Box{{wire.DeviceID{1}, []byte("x")}}}), false)
	f.Add("test.posted", wire.MustEncode("早"), true)
	f.Add("", []byte{}, true)
	f.Add(string(event.Space), []byte{0xa1, 0x18, 0x63, 0x01}, false)
	a, b := newDesk(f, "a"), newDesk(f, "b")
	var id wire.SpaceID
	var k key.EpochKey
	n := uint64(0)
	f.Fuzz(func(t *testing.T, kind string, body []byte, content bool) {
		a.t, b.t = t, t
		if n%200 == 0 { // so that one lucky removal does not end it all
			c := space.Create{Kind: space.Workspace, Nonce: [16]byte{byte(n >> 8), byte(n >> 16), byte(n)}, Parties: []space.Party{a.party}}
			id = must(a.log.Create(context.Background(), c, []space.Add{{Party: b.party, Role: space.Admin}}))
			for _, k = range a.log.keysOf(id) {
			}
		}
		n++
		h := envelope.Header{Space: id, Feed: envelope.Feed{Device: b.sign.Public(), Start: n, Lane: envelope.Control}, Seq: 1}
		if content {
			h.Feed.Lane = envelope.Content
		}
		env, _, err := event.Seal(h, k, event.Kind(kind), 5, wire.Raw(body), b.sign)
		if err != nil {
			return
		}
		run, err := a.log.Prepare(id, [][]byte{env.Raw})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.log.Ingest(context.Background(), run); err != nil && kind != "test.posted" { // the test's follower is strict
			t.Errorf("ingest: %v", err)
		}
		if n%20 == 1 {
			a.asOnDisk(id)
			_ = a.log.View(id, func(s *space.State) {
				if _, in := s.MemberOf(a.sign.Public()); !in {
					t.Error("the founder was removed by one who may not")
				}
			})
			a.posts(id, "mine")
		}
	})
}
