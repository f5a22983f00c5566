package nats

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/relay/client"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/enginetest"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

var relayKills = flag.Int("nats.relays", 0, "how many processes TestRelaysKilled kills; each takes about five seconds")

const (
	towns      = 2 // spaces
	perTown    = 4 // writers of each
	audience   = 2 // members of each who only listen
	standstill = 2 * time.Minute
)

// town is an office with real relay processes: devices talk to them as the
// program's own do.
type town struct {
	t       *testing.T
	c       *cluster
	relays  []*daemon
	writers []*writer
	members []*listener
	again   atomic.Int64 // runs that were brought more than once
	behind  atomic.Int64 // times that members were told to read on
	pushed  atomic.Int64 // envelopes in News
}

// device is connected to all relays at once.
type device struct {
	key     key.SigningKey
	clients []*client.Client
}

func (w *town) device(ctx context.Context, addresses []protocol.Address, events func(relay int) client.Events) *device {
	d := &device{key: key.NewSigningKey()}
	for i, a := range addresses {
		o := client.Options{Signer: d.key, Address: a}
		if events != nil {
			o.Events = events(i)
		}
		c := client.New(o)
		d.clients = append(d.clients, c)
		done := make(chan struct{})
		go func() { defer close(done); _ = c.Run(ctx) }()
		w.t.Cleanup(func() { <-done })
	}
	return d
}

// session is one of those that live, or nil.
func (d *device) session() *client.Session {
	first := rand.IntN(len(d.clients))
	for i := range d.clients {
		if s := d.clients[(first+i)%len(d.clients)].Session(); s != nil {
			return s
		}
	}
	return nil
}

func pause(ctx context.Context, most time.Duration) {
	select {
	case <-time.After(most/2 + rand.N(most/2)):
	case <-ctx.Done():
	}
}

// writer has one feed.
type writer struct {
	*device
	w       *town
	space   wire.SpaceID
	head    envelope.Header // of the next envelope, but for its sequence
	written []envelope.Envelope
	acked   atomic.Uint64
	longest atomic.Int64 // nanoseconds until something was acknowledged
}

func (a *writer) feed() envelope.Feed { return a.head.Feed }

func (a *writer) write(n int) {
	for range n {
		a.head.Seq++
		e, err := envelope.Seal(a.head, wire.Random(100+rand.IntN(400)), a.key)
		if err != nil {
			a.w.t.Errorf("seal: %v", err)
			return
		}
		a.head.Prev = e.ID
		a.written = append(a.written, e)
	}
}

// work writes and brings until it is told to stop; what is written then is
// acknowledged, too.
func (a *writer) work(ctx context.Context) {
	for ctx.Err() == nil {
		a.write(1 + rand.IntN(4))
		if !a.bring() {
			return
		}
		pause(ctx, 10*time.Millisecond)
	}
}

func (a *writer) bring() bool {
	since := time.Now()
	for n := 0; a.acked.Load() < uint64(len(a.written)); n++ {
		if time.Since(since) > standstill {
			a.w.t.Errorf("feed of %s: %d was not acknowledged for %v", a.key.Public().Short(), a.acked.Load()+1, standstill)
			return false
		}
		if n > 0 {
			a.w.again.Add(1)
			pause(context.Background(), 50*time.Millisecond)
		}
		var wg sync.WaitGroup
		if rand.IntN(3) == 0 { // devices bring what they have to every relay
			wg.Go(a.publish)
		}
		a.publish()
		wg.Wait()
	}
	a.longest.Store(max(a.longest.Load(), int64(time.Since(since))))
	return true
}

func (a *writer) publish() {
	s := a.session()
	if s == nil {
		return
	}
	was := a.acked.Load()
	p := protocol.Publish{Space: a.space}
	for _, e := range a.written[was:] {
		p.Raws = append(p.Raws, e.Raw)
	}
	if len(p.Raws) == 0 {
		return // the other try was faster
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	stored, err := s.Publish(ctx, p)
	if err != nil {
		var f protocol.Failed
		if errors.As(err, &f) && (f.Code == protocol.CodeMalformed || f.Code == protocol.CodeSignature) {
			a.w.t.Errorf("publish: %v", err)
		}
		return
	}
	for _, h := range stored.Heads {
		for now := a.acked.Load(); h.Feed() == a.feed() && h.Seq > now && !a.acked.CompareAndSwap(now, h.Seq); now = a.acked.Load() {
		}
	}
	for _, r := range stored.Refused {
		// All that is brought follows what was acknowledged: a gap is a loss.
		a.w.t.Errorf("feed of %s after %d: %s, head %d", a.key.Public().Short(), was, r.Code, r.Head.Seq)
	}
}

// listener is a member of a space: it is told news by both relays and reads what
// it was not told from where it has come to, over any. Beside that it leafs
// through the space with a cursor of its own.
type listener struct {
	*device
	w      *town
	space  wire.SpaceID
	mu     sync.Mutex
	log    map[envelope.Feed]map[uint64]wire.EventID
	cursor protocol.Cursor
	leafed []engine.Item
}

// line is what a listener knows of one relay's session.
type line struct {
	l       *listener
	mu      sync.Mutex
	session *client.Session
	lacks   int // times that it has to read on
	level   bool
	last    map[envelope.Feed]uint64
	wake    chan struct{}
}

func (l *listener) events(ctx context.Context) func(int) client.Events {
	return func(int) client.Events {
		n := &line{l: l, wake: make(chan struct{}, 1)}
		go n.read(ctx)
		return client.Events{
			Up:   func(s *client.Session) { n.lack(s, map[envelope.Feed]uint64{}) },
			Down: func() { n.lack(nil, nil) },
			News: n.news,
		}
	}
}

// lack notes that something may not have been told.
func (n *line) lack(s *client.Session, last map[envelope.Feed]uint64) {
	n.mu.Lock()
	n.session, n.last, n.level = s, last, false
	n.lacks++
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *line) news(m protocol.News) {
	if m.Behind {
		n.l.w.behind.Add(1)
		n.mu.Lock()
		s := n.session
		n.mu.Unlock()
		n.lack(s, map[envelope.Feed]uint64{})
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, raw := range m.Raws {
		e, err := envelope.Decode(raw)
		if err != nil {
			n.l.w.t.Errorf("news: %v", err)
			continue
		}
		if was := n.last[e.Feed]; was != 0 && e.Seq != was+1 {
			n.l.w.t.Errorf("news: %d follows %d in the feed of %s", e.Seq, was, e.Feed.Device.Short())
		}
		n.last[e.Feed] = e.Seq
	}
	n.l.w.pushed.Add(int64(len(m.Raws)))
	n.l.keep(m.Raws)
	if n.level {
		n.l.move(m.Next)
	}
}

// read subscribes and reads on whenever something is lacking.
func (n *line) read(ctx context.Context) {
	var subscribed *client.Session
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.wake:
		}
		for ctx.Err() == nil {
			n.mu.Lock()
			s, lacks, level := n.session, n.lacks, n.level
			n.mu.Unlock()
			if s == nil || level {
				break
			}
			if s != subscribed {
				if _, err := s.Subscribe(ctx, n.l.space); err != nil {
					pause(ctx, 100*time.Millisecond)
					continue
				}
				subscribed = s
			}
			if n.l.catchUp(ctx, s) != nil {
				pause(ctx, 100*time.Millisecond)
				continue
			}
			n.mu.Lock()
			n.level = n.lacks == lacks
			n.mu.Unlock()
		}
	}
}

func (l *listener) catchUp(ctx context.Context, s *client.Session) error {
	l.mu.Lock()
	after := l.cursor
	l.mu.Unlock()
	for {
		page, err := s.Read(ctx, protocol.Read{Space: l.space, After: after})
		if err != nil {
			return err
		}
		l.keep(page.Raws)
		after = page.Next
		l.move(after)
		if !page.More {
			return nil
		}
	}
}

// keep is a device's log: each envelope once, and never another one in its place.
func (l *listener) keep(raws [][]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, raw := range raws {
		e, err := envelope.Decode(raw)
		if err != nil {
			l.w.t.Errorf("envelope: %v", err)
			continue
		}
		if l.log[e.Feed] == nil {
			l.log[e.Feed] = map[uint64]wire.EventID{}
		}
		if id, there := l.log[e.Feed][e.Seq]; there && id != e.ID {
			l.w.t.Errorf("feed of %s: two envelopes at %d", e.Feed.Device.Short(), e.Seq)
		}
		l.log[e.Feed][e.Seq] = e.ID
	}
}

func (l *listener) move(c protocol.Cursor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cursor = c
}

// leaf goes on from its own cursor at any relay: what all pages together hold is
// each envelope once.
func (l *listener) leaf(ctx context.Context) {
	var after protocol.Cursor
	for ; ctx.Err() == nil; pause(ctx, 200*time.Millisecond) {
		s := l.session()
		if s == nil {
			continue
		}
		page, err := s.Read(ctx, protocol.Read{Space: l.space, After: after})
		if err != nil {
			continue
		}
		after = page.Next
		l.mu.Lock()
		l.leafed = append(l.leafed, items(page.Raws)...)
		l.mu.Unlock()
	}
}

func items(raws [][]byte) (out []engine.Item) {
	for _, raw := range raws {
		out = append(out, engine.Item{Raw: raw})
	}
	return out
}

// TestRelaysKilled: three servers and two processes of roundtable-relay under load;
// any of the five is killed at random. What a relay has acknowledged every member
// gets, and finds once in the space; the order of each feed holds.
func TestRelaysKilled(t *testing.T) {
	if *relayKills == 0 {
		t.Skip("builds relays and takes minutes: ask for it with -nats.relays=20")
	}
	w := &town{t: t, c: newCluster(t, 0)}
	addresses := w.build()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	w.settle(ctx, addresses)
	writing, stopWriting := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for _, a := range w.writers {
		wg.Go(func() { a.work(writing) })
	}
	w.progress("the beginning")
	for _, a := range w.writers {
		a.longest.Store(0) // until now the cluster was made
	}
	began := time.Now()
	w.killSome(ctx)
	took := time.Since(began)
	stopWriting()
	wg.Wait()
	w.level(ctx)
	var total, fell int
	var longest time.Duration
	for _, a := range w.writers {
		total += len(a.written)
		longest = max(longest, time.Duration(a.longest.Load()))
	}
	for _, d := range w.relays {
		d.mu.Lock()
		fell += d.fell
		d.mu.Unlock()
	}
	t.Logf("%d kills in %v: %d envelopes acknowledged, longest wait for an acknowledgement %v, %d tries repeated, %d envelopes pushed, %d times behind, %d times a relay ended by itself",
		*relayKills, took.Round(time.Second), total, longest.Round(10*time.Millisecond), w.again.Load(), w.pushed.Load(), w.behind.Load(), fell)
}

// settle makes the spaces with their lists and connects everybody.
func (w *town) settle(ctx context.Context, addresses []protocol.Address) {
	for range towns {
		space := enginetest.NewSpace()
		var set []protocol.Entry
		var boss *device
		for range perTown {
			a := &writer{device: w.device(ctx, addresses, nil), w: w, space: space}
			a.head = envelope.Header{Space: space, Feed: envelope.Feed{Device: a.key.Public(), Start: 1_700_000_000_000, Lane: envelope.Content}, Epoch: wire.EpochID{1}}
			w.writers = append(w.writers, a)
			set = append(set, protocol.Entry{Device: a.key.Public(), Rights: protocol.RightUse | protocol.RightManage})
			boss = a.device
		}
		for range audience {
			l := &listener{w: w, space: space, log: map[envelope.Feed]map[uint64]wire.EventID{}}
			l.device = w.device(ctx, addresses, l.events(ctx))
			w.members = append(w.members, l)
			set = append(set, protocol.Entry{Device: l.key.Public(), Rights: protocol.RightUse})
		}
		signed, err := protocol.Grant{Space: space, Workspace: space, Version: 1, By: boss.key.Public(), Set: set}.Sign(boss.key)
		if err != nil {
			w.t.Fatal(err)
		}
		w.until("a list", func() bool {
			s := boss.session()
			if s == nil {
				return false
			}
			err := s.Grant(ctx, signed)
			var f protocol.Failed
			return err == nil || errors.As(err, &f) && f.Code == protocol.CodeStale // it was taken the time before
		})
	}
	for _, l := range w.members {
		go l.leaf(ctx)
	}
}

func (w *town) until(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(standstill); !ok(); pause(w.t.Context(), 40*time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatal("never: " + what)
		}
	}
}

// progress waits until everybody was acknowledged something more.
func (w *town) progress(after string) {
	w.t.Helper()
	for _, a := range w.writers {
		was := a.acked.Load()
		w.until("an acknowledgement after "+after, func() bool { return a.acked.Load() > was })
	}
}

func (w *town) killSome(ctx context.Context) {
	killed := map[string]int{}
	for n := range *relayKills {
		var name string
		connected := w.hurry()
		since := time.Now()
		if i := rand.IntN(5); i < 3 {
			p := w.c.processes[i]
			name = p.name
			p.kill()
			pause(ctx, 300*time.Millisecond)
			p.start(w.t)
		} else {
			d := w.relays[i-3]
			name = d.name
			d.kill()
			pause(ctx, 300*time.Millisecond)
			d.start()
		}
		killed[strings.Fields(name)[0]]++
		w.progress(name)
		w.t.Logf("kill %d, %s, with %d connections: all write again after %v", n+1, name, connected, time.Since(since).Round(10*time.Millisecond))
		for until := time.Now().Add(2*time.Second + rand.N(2*time.Second)); time.Now().Before(until); pause(ctx, 500*time.Millisecond) {
			w.hurry()
		}
	}
	w.t.Logf("killed: %v", killed)
}

// hurry has devices look for their relays now: pauses grow to a minute for those
// who lose one again and again, and both relays shall have something to do. It
// says how many connections there are.
func (w *town) hurry() (connected int) {
	var all []*client.Client
	for _, a := range w.writers {
		all = append(all, a.clients...)
	}
	for _, l := range w.members {
		all = append(all, l.clients...)
	}
	for _, c := range all {
		if c.Session() != nil {
			connected++
		}
		c.Retry()
	}
	return connected
}

// level waits until everybody has everything, and checks what there is.
func (w *town) level(ctx context.Context) {
	for i, l := range w.members {
		want := 0
		var authors []*enginetest.Author
		for _, a := range w.writers {
			if a.space == l.space {
				want += len(a.written)
				authors = append(authors, &enginetest.Author{Space: l.space, Feed: a.feed(), Seq: uint64(len(a.written))})
			}
		}
		w.until(fmt.Sprintf("member %d has all", i), func() bool {
			l.mu.Lock()
			defer l.mu.Unlock()
			return l.has(w.writers) && len(l.leafed) >= want
		})
		l.mu.Lock()
		enginetest.Exactly(w.t, l.leafed, 1, authors...)
		l.mu.Unlock()
		for n, c := range l.clients { // from the start, over each relay
			var all []engine.Item
			w.until(fmt.Sprintf("relay %d gives all", n), func() bool {
				c.Retry()
				s := c.Session()
				if s == nil {
					return false
				}
				got, err := fromStart(ctx, s, l.space)
				all = got
				return err == nil && len(got) >= want
			})
			enginetest.Exactly(w.t, all, 1, authors...)
		}
	}
}

// has reports whether a log holds just what was written; the lock is held.
func (l *listener) has(writers []*writer) bool {
	for _, a := range writers {
		if a.space != l.space {
			continue
		}
		if len(l.log[a.feed()]) != len(a.written) {
			return false
		}
		for _, e := range a.written {
			if l.log[a.feed()][e.Seq] != e.ID {
				return false
			}
		}
	}
	return true
}

func fromStart(ctx context.Context, s *client.Session, space wire.SpaceID) (all []engine.Item, err error) {
	for after := protocol.Cursor(nil); ; {
		page, err := s.Read(ctx, protocol.Read{Space: space, After: after})
		if err != nil {
			return nil, err
		}
		all = append(all, items(page.Raws)...)
		if after = page.Next; !page.More {
			return all, nil
		}
	}
}
