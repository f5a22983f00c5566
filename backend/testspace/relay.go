package testspace

import (
	"context"
	"encoding/binary"
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
	away     map[wire.DeviceID]bool // cut off from the relay
	// Lies, when set, changes what a page or news of a space hands to a device.
	lies func(to wire.DeviceID, space wire.SpaceID, raws [][]byte) [][]byte
	// hides, when set, keeps envelopes from a device while the heads still name them.
	hides func(to wire.DeviceID, e envelope.Envelope) bool
}

// shelf is one space at the relay.
type shelf struct {
	roll  protocol.Roll
	raws  [][]byte
	heads map[envelope.Feed]uint64
}

// relaySession is one device's connection.
type relaySession struct {
	r          *Relay
	device     wire.DeviceID
	post       *relaying.Post
	ended      bool
	subscribed map[wire.SpaceID]bool
	watched    []wire.DeviceID
}

// Relay puts up a relay that workspaces may name.
func (o *Office) Relay(host string) *Relay {
	return &Relay{
		Address: protocol.Address{Version: 1, URL: "wss://" + host, Token: make([]byte, 32), Name: host},
		store:   protocol.StoreID(wire.Random(32)), spaces: map[wire.SpaceID]*shelf{}, sessions: map[*relaySession]bool{},
		away: map[wire.DeviceID]bool{},
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
	s := &relaySession{r: r, device: device, post: p, subscribed: map[wire.SpaceID]bool{}}
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

// Lies has the relay change what it hands out; nil ends it.
func (r *Relay) Lies(f func(to wire.DeviceID, space wire.SpaceID, raws [][]byte) [][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lies = f
}

// Hides has the relay keep envelopes from devices and still name their heads; nil ends it.
func (r *Relay) Hides(f func(to wire.DeviceID, e envelope.Envelope) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hides = f
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

// Lists gives the rights of a device in a space.
func (r *Relay) Lists(id wire.SpaceID, device wire.DeviceID) protocol.Rights {
	r.mu.Lock()
	defer r.mu.Unlock()
	if sh := r.spaces[id]; sh != nil {
		return sh.roll.Rights[device]
	}
	return protocol.RightNone
}

// open finds a space that a device may use.
func (s *relaySession) open(id wire.SpaceID) (*shelf, error) {
	sh := s.r.spaces[id]
	switch {
	case s.ended || s.r.down || s.r.away[s.device]:
		return nil, context.Canceled
	case sh == nil:
		return nil, protocol.Failed{Code: protocol.CodeUnknown}
	case sh.roll.Rights[s.device] == protocol.RightNone:
		return nil, protocol.Failed{Code: protocol.CodeForbidden}
	}
	return sh, nil
}

func cursorAt(n int) protocol.Cursor { return binary.BigEndian.AppendUint64([]byte("c"), uint64(n)) }

// Ready implements relaying.Session.
func (s *relaySession) Ready() protocol.Ready {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	return protocol.Ready{Store: s.r.store}
}

// Subscribe implements relaying.Session.
func (s *relaySession) Subscribe(_ context.Context, id wire.SpaceID) (protocol.Position, error) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	sh, err := s.open(id)
	if err != nil {
		return protocol.Position{}, err
	}
	s.subscribed[id] = true
	return protocol.Position{End: cursorAt(len(sh.raws))}, nil
}

// Unsubscribe implements relaying.Session.
func (s *relaySession) Unsubscribe(_ context.Context, id wire.SpaceID) error {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	delete(s.subscribed, id)
	return nil
}

// Read implements relaying.Session, in small pages.
func (s *relaySession) Read(_ context.Context, q protocol.Read) (protocol.Page, error) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	sh, err := s.open(q.Space)
	if err != nil {
		return protocol.Page{}, err
	}
	from := 0
	if len(q.After) > 0 {
		if len(q.After) != 9 || binary.BigEndian.Uint64(q.After[1:]) > uint64(len(sh.raws)) {
			return protocol.Page{}, protocol.Failed{Code: protocol.CodeCursor}
		}
		from = int(binary.BigEndian.Uint64(q.After[1:]))
	}
	to := min(from+7, len(sh.raws))
	return protocol.Page{Raws: s.tell(q.Space, sh.raws[from:to]), Next: cursorAt(to), More: to < len(sh.raws)}, nil
}

// tell is what this device is handed of some envelopes.
func (s *relaySession) tell(id wire.SpaceID, raws [][]byte) [][]byte {
	out := slices.Clone(raws)
	if s.r.hides != nil {
		out = slices.DeleteFunc(out, func(raw []byte) bool {
			e, err := envelope.Decode(raw)
			return err == nil && s.r.hides(s.device, e)
		})
	}
	if s.r.lies != nil {
		out = s.r.lies(s.device, id, out)
	}
	return out
}

// Publish implements relaying.Session.
func (s *relaySession) Publish(_ context.Context, p protocol.Publish) (out protocol.Stored, err error) {
	s.r.mu.Lock()
	sh, err := s.open(p.Space)
	if err != nil {
		s.r.mu.Unlock()
		return out, err
	}
	from := len(sh.raws)
	touched := map[envelope.Feed]bool{}
	for _, raw := range p.Raws {
		e, err := envelope.Decode(raw)
		if err != nil || e.Space != p.Space {
			s.r.mu.Unlock()
			return out, protocol.Failed{Code: protocol.CodeMalformed}
		}
		touched[e.Feed] = true
		if e.Seq == sh.heads[e.Feed]+1 {
			sh.heads[e.Feed] = e.Seq
			sh.raws = append(sh.raws, raw)
		}
	}
	for f := range touched {
		out.Heads = append(out.Heads, protocol.HeadOf(f, sh.heads[f]))
	}
	fresh, next := sh.raws[from:], cursorAt(len(sh.raws))
	type push struct {
		to   *relaySession
		raws [][]byte
	}
	var pushes []push
	for o := range s.r.sessions {
		if len(fresh) > 0 && o.subscribed[p.Space] && !o.ended {
			pushes = append(pushes, push{o, o.tell(p.Space, fresh)})
		}
	}
	s.r.mu.Unlock()
	for _, x := range pushes {
		x.to.post.News(protocol.News{Space: p.Space, Raws: x.raws, Next: next})
	}
	return out, nil
}

// Heads implements relaying.Session.
func (s *relaySession) Heads(_ context.Context, id wire.SpaceID, sum envelope.Sum) (bool, []protocol.Head, error) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	sh, err := s.open(id)
	if err != nil {
		return false, nil, err
	}
	var all envelope.Sum
	var out []protocol.Head
	for f, seq := range sh.heads {
		_, x := envelope.FrontierSum(f, seq)
		all.Add(x)
		out = append(out, protocol.HeadOf(f, seq))
	}
	if all == sum {
		return true, nil, nil
	}
	return false, out, nil
}

// Access implements relaying.Session.
func (s *relaySession) Access(_ context.Context, id wire.SpaceID, sum [16]byte) (protocol.AccessList, error) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	sh := s.r.spaces[id]
	if sh == nil {
		return protocol.AccessList{}, protocol.Failed{Code: protocol.CodeUnknown}
	}
	if _, err := s.open(id); err != nil {
		return protocol.AccessList{}, err
	}
	entries := sh.roll.Entries()
	out := protocol.AccessList{Version: sh.roll.Version, Head: sh.roll.Head}
	if protocol.Sum(entries) == sum {
		out.Same = true
	} else {
		out.Entries = entries
	}
	return out, nil
}

// Grant implements relaying.Session.
func (s *relaySession) Grant(_ context.Context, signed protocol.Signed) error {
	g, err := signed.Open()
	if err != nil {
		return protocol.Failed{Code: protocol.CodeSignature}
	}
	s.r.mu.Lock()
	sh := s.r.spaces[g.Space]
	if sh == nil {
		if home := s.r.spaces[g.Workspace]; g.Workspace != g.Space && (home == nil || home.roll.Rights[g.By] == protocol.RightNone) {
			s.r.mu.Unlock()
			return protocol.Failed{Code: protocol.CodeForbidden}
		}
		sh = &shelf{heads: map[envelope.Feed]uint64{}}
	}
	if err := sh.roll.Apply(signed, g); err != nil {
		s.r.mu.Unlock()
		return err
	}
	s.r.spaces[g.Space] = sh
	var told []*relaySession
	for o := range s.r.sessions {
		for _, e := range g.Set {
			if e.Device == o.device {
				told = append(told, o)
				if e.Rights == protocol.RightNone {
					delete(o.subscribed, g.Space)
				}
			}
		}
	}
	rights := map[*relaySession]protocol.Rights{}
	for _, o := range told {
		rights[o] = sh.roll.Rights[o.device]
	}
	s.r.mu.Unlock()
	for _, o := range told {
		o.post.Listed(protocol.Listed{Space: g.Space, Rights: rights[o]})
	}
	return nil
}

// Spaces implements relaying.Session.
func (s *relaySession) Spaces(context.Context) (out []wire.SpaceID, _ error) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	for id, sh := range s.r.spaces {
		if sh.roll.Rights[s.device] != protocol.RightNone {
			out = append(out, id)
		}
	}
	return out, nil
}

// Watch implements relaying.Session; presence is not what these stories are about.
func (s *relaySession) Watch(context.Context, []wire.DeviceID) (protocol.Presence, error) {
	return protocol.Presence{}, nil
}

// Frame implements relaying.Session.
func (s *relaySession) Frame(_ context.Context, f protocol.Frame) error {
	s.r.mu.Lock()
	sh, err := s.open(f.Space)
	var to []*relaySession
	if err == nil {
		for o := range s.r.sessions {
			if o != s && sh.roll.Rights[o.device] != protocol.RightNone && (f.To.IsZero() || f.To == o.device) {
				to = append(to, o)
			}
		}
	}
	s.r.mu.Unlock()
	f.From = s.device
	for _, o := range to {
		o.post.Frame(f)
	}
	return err
}
