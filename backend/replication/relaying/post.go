package relaying

import (
	"context"
	"errors"
	"sync"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const (
	workers = 4
	// othersDelay is how long others' envelopes are left to their authors.
	othersDelay = 3 * time.Second
	// unlistedRest is how long a space rests whose list we are not on.
	unlistedRest = 20 * time.Second
	// unlistedAfter is how long a newcomer waits for the list to name it before it is said.
	unlistedAfter = 45 * time.Second
	failedRest    = 2 * time.Second
	fullRest      = time.Minute
	stepWithin    = 60 * time.Second
	tickEvery     = 250 * time.Millisecond
	// rereadAfter is how long a space is not read from the start a second time.
	rereadAfter = 10 * time.Minute
	// maxNews bounds the pushed news of a space that wait; beyond, the space is read.
	maxNews = 256
	// maxStrange bounds the spaces that a relay may name and that do not name us yet.
	maxStrange = 256
	// maxWatched bounds the colleagues whose presence is followed, and so the relayed links.
	maxWatched = 128
)

// Post is one relay as this device uses it.
type Post struct {
	e      *Engine
	addr   protocol.Address
	id     [32]byte
	ctx    context.Context
	cancel context.CancelFunc
	ready  chan struct{} // a space is due
	chores chan struct{} // something else is due

	mu         sync.Mutex
	session    Session
	gone       context.CancelFunc // ends with the session
	live       context.Context
	store      protocol.StoreID
	workspaces map[wire.SpaceID]bool
	places     map[wire.SpaceID]*place
	queue      []wire.SpaceID
	here       map[wire.DeviceID]bool
	fault      Fault
	rewatch    bool
	discover   bool // ask which lists name us
}

// place is one space at one relay; guarded by Post.mu, but for what only its one
// running turn touches.
type place struct {
	known      map[envelope.Feed]uint64 // what the relay holds; nil before it was asked
	cursor     protocol.Cursor
	saved      bool // the cursor is in the table
	subscribed bool
	reread     time.Time       // last time it was read from the start
	parting    protocol.Cursor // how far what a list left to us is read, in this session
	parted     bool            // and it was read from the start
	// due work
	level, access, publish, others bool
	news                           []protocol.News
	queued, running                bool
	rest                           time.Time // nothing before
	othersAt                       time.Time
	haveAt, tipAt                  time.Time // when to tell colleagues; zero: nothing to tell
	tips                           map[envelope.Feed]tip
	unlisted                       time.Time // since when the list does not name us
	refused                        map[envelope.Feed]bool
}

func (e *Engine) newPost(a protocol.Address) *Post {
	p := &Post{
		e: e, addr: a, id: a.ID(), ready: make(chan struct{}, 1), chores: make(chan struct{}, 1), workspaces: map[wire.SpaceID]bool{},
		places: map[wire.SpaceID]*place{}, here: map[wire.DeviceID]bool{},
	}
	p.ctx, p.cancel = context.WithCancel(e.ctx)
	p.store = p.loadStore()
	return p
}

// Address of the relay.
func (p *Post) Address() protocol.Address { return p.addr }

func (p *Post) run() {
	var wg sync.WaitGroup
	wg.Go(func() { p.e.Open(p.ctx, p.addr, p) })
	for range workers {
		wg.Go(p.work)
	}
	wg.Go(p.tick)
	wg.Wait()
	p.saveCursors(context.WithoutCancel(p.ctx))
}

// serve replaces the workspaces that name this relay and reports a change.
func (p *Post) serve(workspaces map[wire.SpaceID]bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	same := len(workspaces) == len(p.workspaces)
	for id := range workspaces {
		same = same && p.workspaces[id]
	}
	p.workspaces = workspaces
	return !same
}

// serves reports whether a space goes over this relay.
func (p *Post) serves(id wire.SpaceID) bool {
	workspace, ok := p.e.workspaceOf(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	return ok && p.workspaces[workspace]
}

func (p *Post) current() Session {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.session
}

func (p *Post) lastStore() protocol.StoreID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.store
}

// Up begins a session: every space is brought level.
func (p *Post) Up(s Session) {
	p.mu.Lock()
	if p.session == s { // a connection that is shared may say so twice
		p.mu.Unlock()
		return
	}
	if p.gone != nil {
		p.gone()
	}
	p.session = s
	p.live, p.gone = context.WithCancel(p.ctx)
	p.fault = ""
	if id := s.Ready().Store; id != p.store {
		p.store = id
		for _, pl := range p.places {
			pl.cursor, pl.saved = nil, false
		}
	}
	for _, pl := range p.places {
		pl.known, pl.subscribed, pl.news, pl.rest, pl.refused = nil, false, nil, time.Time{}, nil
		pl.parting, pl.parted = nil, false
	}
	p.rewatch, p.discover = true, true
	p.mu.Unlock()
	p.keepStore()
	p.levelAll()
	if p.e.Options.Up != nil {
		p.e.Options.Up()
	}
	select {
	case p.chores <- struct{}{}:
	default:
	}
	if p.e.Changed != nil {
		p.e.Changed()
	}
}

// Down ends it.
func (p *Post) Down() {
	p.mu.Lock()
	if p.gone != nil {
		p.gone()
	}
	p.session, p.live, p.gone = nil, nil, nil
	clear(p.here)
	p.mu.Unlock()
	if p.e.Changed != nil {
		p.e.Changed()
	}
}

// levelAll looks at every space that goes over this relay, workspaces first:
// without their lists no other list begins.
func (p *Post) levelAll() {
	var spaces []wire.SpaceID
	for _, id := range p.e.Log.Spaces() {
		if p.serves(id) {
			spaces = append(spaces, id)
		}
	}
	p.mu.Lock()
	for _, id := range spaces {
		if p.workspaces[id] {
			p.wantLocked(id, func(pl *place) { pl.level = true })
		}
	}
	for _, id := range spaces {
		p.wantLocked(id, func(pl *place) { pl.level = true })
	}
	p.mu.Unlock()
	p.wake()
}

// wantLocked notes work on a space and queues it.
func (p *Post) wantLocked(id wire.SpaceID, note func(*place)) {
	pl := p.places[id]
	if pl == nil {
		pl = &place{}
		p.places[id] = pl
	}
	note(pl)
	if !pl.queued && !pl.running && p.session != nil {
		pl.queued = true
		p.queue = append(p.queue, id)
	}
}

func (p *Post) want(id wire.SpaceID, note func(*place)) {
	p.mu.Lock()
	p.wantLocked(id, note)
	p.mu.Unlock()
	p.wake()
}

func (p *Post) wake() {
	select {
	case p.ready <- struct{}{}:
	default:
	}
}

// advanced takes what the log announces.
func (p *Post) advanced(all []eventlog.Advance) {
	now := p.e.Clock.Now()
	for _, a := range all {
		if !p.serves(a.Space) {
			continue
		}
		p.mu.Lock()
		p.wantLocked(a.Space, func(pl *place) {
			if a.Feed.Lane == envelope.Control {
				pl.access = true
				p.rewatch = true
			}
			switch {
			case a.Local:
				pl.publish = true
			case pl.known[a.Feed] < a.Seq && !pl.others: // came over a link: its author may be publishing it
				pl.others, pl.othersAt = true, now.Add(jitter(othersDelay))
			}
		})
		p.mu.Unlock()
	}
	p.wake()
}

// News takes what the relay pushes.
func (p *Post) News(n protocol.News) {
	p.want(n.Space, func(pl *place) {
		if n.Behind || len(pl.news) >= maxNews {
			pl.news, pl.level = nil, true
			return
		}
		pl.news = append(pl.news, n)
	})
}

// Listed takes that a list has come to name us, or does no more.
func (p *Post) Listed(l protocol.Listed) {
	if l.Rights == protocol.RightNone {
		p.mu.Lock()
		if pl := p.places[l.Space]; pl != nil {
			pl.subscribed = false
			p.wantLocked(l.Space, func(pl *place) { pl.level = true }) // which finds out why
		}
		p.mu.Unlock()
		p.wake()
		return
	}
	p.listed(l.Space)
}

// listed has a space looked at that a list names us in. One that is not known
// here yet is believed only when its own events name us.
func (p *Post) listed(id wire.SpaceID) {
	if !p.e.Log.Begun(id) {
		strange := 0
		p.mu.Lock()
		for known := range p.places {
			if known != id && !p.e.Log.Begun(known) {
				strange++
			}
		}
		p.mu.Unlock()
		if strange >= maxStrange {
			return
		}
	}
	p.want(id, func(pl *place) { pl.level, pl.rest = true, time.Time{} })
}

// look asks which lists name us: somebody may have let us in while we were away.
func (p *Post) look(ctx context.Context, s Session) {
	p.mu.Lock()
	due := p.discover
	p.discover = false
	p.mu.Unlock()
	if !due {
		return
	}
	spaces, err := s.Spaces(ctx)
	if err != nil {
		p.mu.Lock()
		p.discover = true
		p.mu.Unlock()
		return
	}
	for _, id := range spaces {
		if !p.serves(id) {
			p.listed(id)
		}
	}
}

// tick does what is due by time.
func (p *Post) tick() {
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-p.chores:
		case <-p.e.Clock.After(tickEvery):
		}
		now := p.e.Clock.Now()
		p.mu.Lock()
		s, live := p.session, p.live
		for id, pl := range p.places {
			if pl.due(now) {
				p.wantLocked(id, func(*place) {})
			}
		}
		p.mu.Unlock()
		p.wake()
		if s != nil {
			ctx, cancel := context.WithTimeout(live, stepWithin)
			p.watch(ctx, s)
			p.look(ctx, s)
			cancel()
		}
		p.missed(now)
		p.saveCursors(p.ctx)
	}
}

// due reports whether a turn would do something now.
func (pl *place) due(now time.Time) bool {
	if now.Before(pl.rest) {
		return false
	}
	return pl.level || pl.access || pl.publish || len(pl.news) > 0 || pl.others && !now.Before(pl.othersAt) ||
		past(pl.haveAt, now) || past(pl.tipAt, now)
}

// code finds the relay's reason in an error.
func code(err error) protocol.Code {
	var f protocol.Failed
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}
