package replication_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"runtime"
	"testing"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/replication"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// besieged is an office with an honest pair and a member whose device runs
// another program.
type besieged struct {
	*testspace.Office
	t           *testing.T
	li, mallory *testspace.Desk
	// inbound fetch streams of li at mallory
	asked chan link.Stream
}

func besiege(t *testing.T, seed uint64) *besieged {
	o := testspace.New(t, seed)
	o.Low("mallory")
	o.Founds("li", "远山")
	o.Admits("li", "wang", "mallory")
	o.As("mallory").Posts("一", "二", "三")
	o.Settles()
	b := &besieged{Office: o, t: t, li: o.As("li"), asked: make(chan link.Stream, 64)}
	b.mallory = o.Turns("mallory", map[string]testspace.Handler{
		replication.FetchProtocol: func(ctx context.Context, _ wire.DeviceID, s link.Stream) {
			select {
			case b.asked <- s:
			default:
			}
			<-ctx.Done()
		},
	})
	return b
}

// unharmed: the others talk on, and li has lost nothing.
func (b *besieged) unharmed() {
	b.t.Helper()
	b.li.Posts("无恙")
	b.As("wang").Sees("一", "二", "三", "无恙")
	b.li.Sees("一", "二", "三", "无恙")
}

// own is mallory's content feed and what is in it.
func (b *besieged) own() (f envelope.Feed, raws [][]byte) {
	for name := range b.mallory.Log.Frontier(b.Workspace) {
		if name.Device == b.mallory.ID() && name.Lane == envelope.Content {
			f = name
		}
	}
	raws, err := b.mallory.Log.ReadRun(context.Background(), b.Workspace, f, 1, math.MaxInt64)
	if err != nil || len(raws) < 3 {
		b.t.Fatalf("mallory's feed: %d, %v", len(raws), err)
	}
	return f, raws
}

// next seals one more message of mallory's.
func (b *besieged) next(change func(*envelope.Header)) []byte {
	_, raws := b.own()
	last, err := envelope.Decode(raws[len(raws)-1])
	if err != nil {
		b.t.Fatal(err)
	}
	h := last.Header
	h.Seq, h.Prev = last.Seq+1, last.ID
	change(&h)
	env, _, err := event.Seal(h, b.mallory.Key(b.Workspace), "chat.message_posted", 5, map[int]string{1: "坏"}, b.mallory.Sign)
	if err != nil {
		b.t.Fatal(err)
	}
	return env.Raw
}

func closed(s link.Stream, within time.Duration) error {
	_ = s.SetReadDeadline(time.Now().Add(within))
	_, err := io.Copy(io.Discard, s)
	return err
}

// What closes the talk, with a reason in the log.
func TestBadFramesCloseTheTalk(t *testing.T) {
	b := besiege(t, 50)
	_, raws := b.own()
	torn := bytes.Clone(raws[2])
	torn[len(torn)-1] ^= 1
	wrongHash := b.next(func(h *envelope.Header) { h.Prev[0]++ })
	other := b.next(func(h *envelope.Header) { h.Space[0]++ })
	push := func(raws ...[]byte) []byte {
		return wire.MustEncode(replication.Message{Push: &replication.Push{Space: b.Workspace, Raws: raws}})
	}
	for name, c := range map[string]struct {
		raw    []byte
		logged string
	}{
		"not a message":        {[]byte{0xff}, "malformed"},
		"no field":             {[]byte{0xa0}, "malformed"},
		"unknown field":        {[]byte{0xa1, 0x18, 0x63, 0x01}, "malformed"},
		"forged signature":     {push(torn), "signature"},
		"reordered run":        {push(raws[1], raws[0]), "chain"},
		"replayed in a run":    {push(raws[0], raws[0]), "chain"},
		"truncated envelope":   {push(raws[0][:100]), "malformed"},
		"run of another space": {push(other), "another space"},
		"wrong hashes":         {push(raws[2], wrongHash), "chain"},
		"too many spaces":      {wire.MustEncode(replication.Message{Spaces: make([]replication.SpaceDigest, 2001)}), "size limit"},
		"too many heads":       {wire.MustEncode(replication.Message{Heads: &replication.Heads{Heads: make([]eventlog.Head, replication.MaxHeads+1)}}), "size limit"},
	} {
		s := b.mallory.Opens(b.li, replication.TalkProtocol)
		if err := wire.WriteFrame(s, c.raw); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := closed(s, 10*time.Second); errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
			t.Errorf("%s: the talk goes on", name)
		}
		b.Eventually(name+" is logged: "+c.logged, func() bool { return b.li.Logged(c.logged, b.mallory.ID().Short()) })
		_ = s.Close()
	}
	// A frame longer than any may be is refused before it is read.
	s := b.mallory.Opens(b.li, replication.TalkProtocol)
	_, _ = s.Write([]byte{0xff, 0xff, 0xff, 0xff})
	if err := closed(s, 10*time.Second); isTimeout(err) {
		t.Error("oversized: the talk goes on")
	}
	b.unharmed()
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// What is allowed to be said and changes nothing.
func TestReplaysAndGapsChangeNothing(t *testing.T) {
	b := besiege(t, 51)
	_, raws := b.own()
	s := b.mallory.Opens(b.li, replication.TalkProtocol)
	go io.Copy(io.Discard, s) //nolint:errcheck // nobody reads it
	before := b.li.Log.Digest(b.Workspace)
	for range 50 {
		send(t, s, replication.Message{Push: &replication.Push{Space: b.Workspace, Raws: raws}})
	}
	send(t, s, replication.Message{Push: &replication.Push{Space: b.Workspace}})
	send(t, s, replication.Message{Push: &replication.Push{Space: b.Workspace, Raws: [][]byte{b.next(func(h *envelope.Header) { h.Seq += 7 })}}})
	send(t, s, replication.Message{Gone: &replication.Gone{Space: b.Workspace}})
	send(t, s, replication.Message{Give: &replication.Give{Space: b.Workspace, Box: []byte("no box")}})
	send(t, s, replication.Message{Need: &replication.Need{Space: wire.SpaceID{9}}})
	send(t, s, replication.Message{Buckets: &replication.Buckets{Space: wire.SpaceID{9}, Sums: make([]replication.BucketSum, 300)}})
	// A box for a space that was never asked for does not make it.
	send(t, s, replication.Message{Give: &replication.Give{Space: wire.SpaceID{8}, Box: box(t, b.li, wire.SpaceID{8})}})
	b.unharmed()
	if b.li.Log.Knows(wire.SpaceID{8}) || b.li.Log.Knows(wire.SpaceID{9}) {
		t.Error("a space was made from nothing")
	}
	if n := len(b.li.Messages(b.Workspace)); n != 4 || before == b.li.Log.Digest(b.Workspace) {
		t.Errorf("%d messages", n)
	}
}

func box(t *testing.T, to *testspace.Desk, id wire.SpaceID) []byte {
	device := to.ID()
	info := key.Hash("roundtable keyring v1", id[:], device[:])
	out, err := key.Wrap(to.Seal.SealPublic(), info[:], wire.MustEncode(map[int][][]byte{1: {make([]byte, 32)}}))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func send(t *testing.T, s link.Stream, m replication.Message) {
	t.Helper()
	if err := wire.Send(s, m); err != nil {
		t.Fatal(err)
	}
}

// li is told of news, comes to fetch them, and gets something else.
func TestBadAnswersToAFetch(t *testing.T) {
	b := besiege(t, 52)
	f, raws := b.own()
	good := b.next(func(*envelope.Header) {})
	torn := bytes.Clone(good)
	torn[150] ^= 1
	var theirs [][]byte // li's own control feed: not what was asked for
	for name := range b.mallory.Log.Frontier(b.Workspace) {
		if name.Device == b.li.ID() && name.Lane == envelope.Control {
			theirs, _ = b.mallory.Log.ReadRun(context.Background(), b.Workspace, name, 1, 2)
		}
	}
	s := b.mallory.Opens(b.li, replication.TalkProtocol)
	go io.Copy(io.Discard, s) //nolint:errcheck // nobody reads it
	for name, c := range map[string]struct {
		answer func(link.Stream)
		logged string
	}{
		"forged":          {pieces(torn), "signature"},
		"another feed":    {pieces(theirs...), "not asked for"},
		"more than asked": {pieces(append(raws, good, b.next(func(h *envelope.Header) { h.Seq++; h.Prev = key.Digest(good) }))...), "not asked for"},
		"a gap":           {pieces(b.next(func(h *envelope.Header) { h.Seq++; h.Prev = key.Digest(good) })), "not asked for"},
		"no piece":        {func(s link.Stream) { _ = wire.WriteFrame(s, []byte{0xff}) }, "malformed"},
		"oversized":       {func(s link.Stream) { _, _ = s.Write([]byte{0x7f, 0xff, 0xff, 0xff}) }, "size limit"},
		"cut in a frame":  {func(s link.Stream) { _, _ = s.Write([]byte{0, 0, 1, 0, 1, 2}); _ = s.Close() }, "unexpected EOF"},
	} {
		send(t, s, replication.Message{Heads: &replication.Heads{Space: b.Workspace, Heads: []eventlog.Head{
			{Device: f.Device, Start: f.Start, Lane: uint8(f.Lane), Seq: uint64(len(raws)) + 1}}}})
		select {
		case in := <-b.asked:
			var want replication.Fetch
			if err := wire.Receive(in, wire.MaxFrame, &want); err != nil {
				t.Fatal(err)
			}
			c.answer(in)
			b.Eventually(name+" is logged: "+c.logged, func() bool { return b.li.Logged(c.logged, b.mallory.ID().Short()) })
			if got := b.li.Log.Frontier(b.Workspace)[f]; got != uint64(len(raws)) {
				t.Errorf("%s: li holds %d of mallory's feed", name, got)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: li does not ask", name)
		}
	}
	b.unharmed()
}

func pieces(raws ...[]byte) func(link.Stream) {
	return func(s link.Stream) {
		_ = wire.Send(s, replication.Piece{Raws: raws})
		_ = s.Close()
	}
}

// What is asked for by somebody who may not have it.
func TestNothingForStrangers(t *testing.T) {
	b := besiege(t, 53)
	f, _ := b.own()
	ask := func(from *testspace.Desk, id wire.SpaceID, wants ...replication.Want) int {
		s := from.Opens(b.li, replication.FetchProtocol)
		defer s.Close()
		_ = wire.Send(s, replication.Fetch{Space: id, Wants: wants})
		_ = s.SetReadDeadline(time.Now().Add(time.Minute))
		got := 0
		for {
			var p replication.Piece
			if err := wire.Receive(s, wire.MaxFrame, &p); err != nil {
				if isTimeout(err) {
					t.Error("no end")
				}
				return got
			}
			got += len(p.Raws)
		}
	}
	all := replication.Want{Device: f.Device, Start: f.Start, Lane: uint8(f.Lane), From: 1, To: math.MaxInt64}
	if n := ask(b.mallory, b.Workspace, all); n < 3 {
		t.Errorf("a member gets %d", n)
	}
	stranger := b.Outsider("stranger", nil)
	if n := ask(stranger, b.Workspace, all); n != 0 {
		t.Errorf("a stranger gets %d", n)
	}
	// A stranger is not talked to either.
	s := stranger.Opens(b.li, replication.TalkProtocol)
	_ = wire.Send(s, replication.Message{Spaces: []replication.SpaceDigest{{Space: b.Workspace}}})
	var m replication.Message
	_ = s.SetReadDeadline(time.Now().Add(5 * time.Second))
	if err := wire.Receive(s, wire.MaxFrame, &m); err == nil {
		t.Errorf("a stranger is told %+v", m)
	}
	// Two who are members have a conversation of their own.
	id := b.li.Direct("wang")
	b.li.PostsIn(id, "不给别人")
	b.As("wang").SeesIn(id, "不给别人")
	for name := range b.li.Log.Frontier(id) {
		if n := ask(b.mallory, id, replication.Want{Device: name.Device, Start: name.Start, Lane: uint8(name.Lane), From: 1, To: 100}); n != 0 {
			t.Errorf("somebody else gets %d", n)
		}
	}
	if n := ask(b.mallory, b.Workspace, make([]replication.Want, replication.MaxWants+1)...); n != 0 {
		t.Errorf("too many wants get %d", n)
	}
	// Who was removed gets what led to that and nothing after it.
	b.Removes("li", "mallory")
	b.li.Posts("没有他")
	held := b.li.Log.Frontier(b.Workspace)
	for name, n := range held {
		got := ask(b.mallory, b.Workspace, replication.Want{Device: name.Device, Start: name.Start, Lane: uint8(name.Lane), From: 1, To: n})
		if name.Lane == envelope.Content && got > 0 {
			t.Errorf("who was removed gets %d messages", got)
		}
	}
	b.As("wang").Sees("一", "二", "三", "没有他")
}

// A flood of spaces and of feeds that nobody knows, by somebody who does not read
// what he is answered: memory stays bounded, the others do not notice.
func TestFloods(t *testing.T) {
	b := besiege(t, 54)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	flood := func(what string, frames int, frame func(n int) replication.Message) {
		s := b.mallory.Opens(b.li, replication.TalkProtocol)
		defer s.Close()
		_ = s.SetWriteDeadline(time.Now().Add(3 * time.Second))
		for n := range frames {
			if wire.Send(s, frame(n)) != nil {
				break
			}
		}
		if now := heap(); now > before+320<<20 {
			t.Errorf("%s: %d MiB more", what, (now-before)>>20)
		}
	}
	id := func(n, i int) (id wire.SpaceID) {
		sum := key.Hash("flood", []byte{byte(n), byte(n >> 8), byte(i), byte(i >> 8)})
		return wire.SpaceID(sum)
	}
	flood("unknown spaces", 25, func(n int) replication.Message {
		m := replication.Message{}
		for i := range 2000 {
			m.Spaces = append(m.Spaces, replication.SpaceDigest{Space: id(n, i)})
		}
		return m
	})
	flood("the same space", 1000, func(int) replication.Message {
		m := replication.Message{}
		for range 2000 {
			m.Spaces = append(m.Spaces, replication.SpaceDigest{Space: b.Workspace})
		}
		return m
	})
	flood("heads of unknown spaces", 40, func(n int) replication.Message {
		h := &replication.Heads{Space: id(n, 1), Answer: true}
		for i := range replication.MaxHeads {
			h.Heads = append(h.Heads, eventlog.Head{Device: wire.DeviceID(id(n, i)), Start: 1, Seq: 1})
		}
		return replication.Message{Heads: h}
	})
	flood("needs", 5000, func(int) replication.Message {
		return replication.Message{Need: &replication.Need{Space: b.Workspace, Epochs: []wire.EpochID{{1}}}}
	})
	b.unharmed()
	if n := len(b.li.Log.Spaces()); n != 1 {
		t.Errorf("%d spaces are kept", n)
	}
}

// Somebody answers a fetch with a byte now and then: others are not kept waiting.
func TestSlowAnswerHoldsUpNobody(t *testing.T) {
	b := besiege(t, 55)
	f, raws := b.own()
	s := b.mallory.Opens(b.li, replication.TalkProtocol)
	go io.Copy(io.Discard, s) //nolint:errcheck // nobody reads it
	send(t, s, replication.Message{Heads: &replication.Heads{Space: b.Workspace, Heads: []eventlog.Head{
		{Device: f.Device, Start: f.Start, Lane: uint8(f.Lane), Seq: uint64(len(raws)) + 100},
		{Device: b.As("wang").ID(), Start: 77, Lane: 1, Seq: 100}}}})
	in := <-b.asked
	stop := time.AfterFunc(2*time.Second, func() { _ = in.Close() })
	defer stop.Stop()
	go func() {
		for {
			if _, err := in.Write([]byte{0}); err != nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
	b.unharmed()
}
