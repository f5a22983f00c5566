package testspace

import (
	"context"
	"slices"
	"sync"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/replication/relaying"
	"roundtable/backend/wire"
)

// Relay is a relay in this process: what a real one would say, without a network,
// and lies where a test wants them.
type Relay struct {
	Address protocol.Address

	mu       sync.Mutex
	store    protocol.StoreID
	spaces   map[wire.SpaceID]*shelf
	sessions map[*relaySession]bool
	down     bool
	away     map[wire.DeviceID]bool                  // cut off from the relay
	lies     map[wire.DeviceID]func(LiesTo) [][]byte // changes what a device is handed
	// hidden devices are shown each space as it was when the hiding began.
	hidden map[wire.DeviceID]map[wire.SpaceID]int
	// comparing is called around the answer to how far the relay's copy of a space goes.
	comparing map[wire.DeviceID]func(id wire.SpaceID, answered bool)
	lags      map[wire.DeviceID]bool
	old       bool
}

// shelf is one space at the relay.
type shelf struct {
	roll  protocol.Roll
	raws  [][]byte
	heads map[envelope.Feed]uint64
	// grants by version, for what they left to those whom they took off.
	grants map[uint64]protocol.Grant
}

// last is what was left to a device that is on the list no more.
func (sh *shelf) last(d wire.DeviceID) map[envelope.Feed]uint64 {
	return sh.grants[sh.roll.Former[d]].LastOf(d)
}

// relaySession is one device's connection.
type relaySession struct {
	r          *Relay
	device     wire.DeviceID
	post       *relaying.Post
	ended      bool
	subscribed map[wire.SpaceID]bool
	behind     map[wire.SpaceID]bool // news wait to be written
}

// Relay puts up a relay that workspaces may name.
func (o *Office) Relay(host string) *Relay {
	return &Relay{
		Address: protocol.Address{Version: 1, URL: "wss://" + host, Token: make([]byte, 32), Name: host},
		store:   protocol.StoreID(wire.Random(32)), spaces: map[wire.SpaceID]*shelf{}, sessions: map[*relaySession]bool{},
		away: map[wire.DeviceID]bool{}, lies: map[wire.DeviceID]func(LiesTo) [][]byte{}, hidden: map[wire.DeviceID]map[wire.SpaceID]int{},
		comparing: map[wire.DeviceID]func(wire.SpaceID, bool){}, lags: map[wire.DeviceID]bool{},
	}
}

// NamesRelays has an administrator name the relays of the workspace.
func (o *Office) NamesRelays(by string, relays ...*Relay) {
	o.t.Helper()
	o.mu.Lock()
	o.relays = append(o.relays, relays...)
	o.mu.Unlock()
	for _, r := range relays {
		o.must(o.As(by).People.AddRelay(context.Background(), o.Workspace, r.Address), by+" names a relay")
	}
}

// openRelay connects a device for as long as ctx lives.
func (o *Office) openRelay(ctx context.Context, device wire.DeviceID, a protocol.Address, p *relaying.Post) {
	o.mu.Lock()
	i := slices.IndexFunc(o.relays, func(r *Relay) bool { return r.Address.ID() == a.ID() })
	var r *Relay
	if i >= 0 {
		r = o.relays[i]
	}
	o.mu.Unlock()
	if r == nil {
		<-ctx.Done()
		return
	}
	for ctx.Err() == nil {
		s := r.connect(device, p)
		if s != nil {
			p.Up(s)
			s.run(ctx)
			p.Down()
		}
		select {
		case <-ctx.Done():
		case <-tick():
		}
	}
}

func (r *Relay) connect(device wire.DeviceID, p *relaying.Post) *relaySession {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down || r.away[device] {
		return nil
	}
	s := &relaySession{r: r, device: device, post: p, subscribed: map[wire.SpaceID]bool{}, behind: map[wire.SpaceID]bool{}}
	r.sessions[s] = true
	return s
}

// run lives until the relay drops the session.
func (s *relaySession) run(ctx context.Context) {
	for ctx.Err() == nil && s.alive() {
		select {
		case <-ctx.Done():
		case <-tick():
		}
	}
	s.r.mu.Lock()
	s.ended = true
	delete(s.r.sessions, s)
	s.r.mu.Unlock()
}

func (s *relaySession) alive() bool {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	return !s.ended && !s.r.down && !s.r.away[s.device]
}

// Dies takes the relay off the network; Lives brings it back, empty if so said.
func (r *Relay) Dies() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = true
}

// Lives ends Dies.
func (r *Relay) Lives(empty bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = false
	if empty {
		r.store, r.spaces = protocol.StoreID(wire.Random(32)), map[wire.SpaceID]*shelf{}
	}
}

// Loses cuts devices off from the relay, Finds ends it.
func (r *Relay) Loses(desks ...*Desk) { r.reach(true, desks) }

// Finds ends Loses.
func (r *Relay) Finds(desks ...*Desk) { r.reach(false, desks) }

func (r *Relay) reach(away bool, desks []*Desk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range desks {
		r.away[d.ID()] = away
	}
}

// LiesTo is what an honest relay would hand to a device.
type LiesTo struct {
	Space wire.SpaceID
	Raws  [][]byte
}

// Lies has the relay change what it hands to a device; nil ends it.
func (r *Relay) Lies(to *Desk, f func(LiesTo) [][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lies[to.ID()] = f
}

// Compares calls f just before and just after the relay says to a device how far
// its copy of a space goes: what happens then, happens in between.
func (r *Relay) Compares(with *Desk, f func(id wire.SpaceID, answered bool)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.comparing[with.ID()] = f
}

// Lags has what is pushed to a device wait, as it does for one that does not read; what
// waits for a space is gone once the device is taken off its list.
func (r *Relay) Lags(to *Desk, lags bool) {
	type push struct {
		to *relaySession
		id wire.SpaceID
	}
	var due []push
	r.mu.Lock()
	r.lags[to.ID()] = lags
	for s := range r.sessions {
		for id := range s.behind {
			if s.device == to.ID() && !lags {
				due = append(due, push{s, id})
				delete(s.behind, id)
			}
		}
	}
	r.mu.Unlock()
	for _, x := range due {
		x.to.post.News(protocol.News{Space: x.id, Behind: true})
	}
}

// Old has the relay be one from before last words.
func (r *Relay) Old() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.old = true
}

// Hides has the relay show a device nothing that comes from now on, as if it did
// not exist.
func (r *Relay) Hides(from *Desk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := map[wire.SpaceID]int{}
	for id, sh := range r.spaces {
		at[id] = len(sh.raws)
	}
	r.hidden[from.ID()] = at
}

// Holds counts the envelopes of a space.
func (r *Relay) Holds(id wire.SpaceID) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if sh := r.spaces[id]; sh != nil {
		return len(sh.raws)
	}
	return 0
}

// Version counts the changes of a space's list.
func (r *Relay) Version(id wire.SpaceID) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if sh := r.spaces[id]; sh != nil {
		return sh.roll.Version
	}
	return 0
}

// Lists gives the rights of a device in a space.
func (r *Relay) Lists(id wire.SpaceID, device wire.DeviceID) protocol.Rights {
	r.mu.Lock()
	defer r.mu.Unlock()
	if sh := r.spaces[id]; sh != nil {
		return sh.roll.Rights[device]
	}
	return protocol.RightNone
}
