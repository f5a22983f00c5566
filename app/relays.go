package app

import (
	"context"
	"encoding/hex"
	"sync"
	"time"

	"roundtable/app/config"
	"roundtable/backend/link/relayed"
	"roundtable/backend/people"
	"roundtable/backend/relay/client"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/replication/relaying"
	"roundtable/backend/wire"
)

// relays are this device's connections to relays: those that its workspaces name,
// and those that it visits to be let in somewhere. One connection serves both.
type relays struct {
	c    *core
	node *relayed.Node

	mu   sync.Mutex
	all  map[[32]byte]*station
	done sync.WaitGroup
}

// station is one relay. Its callbacks come from the client, in turn.
type station struct {
	r      *relays
	id     [32]byte
	client *client.Client
	cancel context.CancelFunc

	// guarded by relays.mu
	users int
	post  *relaying.Post
	hosts map[wire.SpaceID][]wire.DeviceID // who lets in, by workspace visited
}

const (
	hostsEvery  = 2 * time.Second
	hostsWithin = 10 * time.Second
)

func newRelays(c *core) *relays { return &relays{c: c, all: map[[32]byte]*station{}} }

// use connects to a relay, or shares the connection that there is. leave ends it.
func (r *relays) use(ctx context.Context, a protocol.Address, post *relaying.Post) (s *station, leave func()) {
	id := a.ID()
	r.mu.Lock()
	s = r.all[id]
	if s == nil {
		s = &station{r: r, id: id, hosts: map[wire.SpaceID][]wire.DeviceID{}}
		s.client = client.New(client.Options{
			Signer: r.c.app.chain.Signer(), Address: a, Log: r.c.app.Log, Clock: r.c.app.Clock, Proxy: config.Proxy,
			Events: client.Events{
				Up: s.up, Down: s.down, News: s.news, Listed: s.listed, Frame: s.frame, Presence: s.presence, Incoming: s.incoming,
			},
			Changed: func() { r.c.publish("relays", "connections") },
		})
		// The connection is shared: it ends with its last user, not with the first.
		run, cancel := context.WithCancel(context.WithoutCancel(ctx))
		s.cancel = cancel
		r.all[id] = s
		r.node.Add(id, s.client)
		r.done.Go(func() { _ = s.client.Run(run) })
	}
	s.users++
	if post != nil {
		s.post = post
	}
	r.mu.Unlock()
	if live := s.client.Session(); live != nil && post != nil {
		post.Up(live) // twice does no harm
	}
	return s, sync.OnceFunc(func() { r.leave(s, post) })
}

func (r *relays) leave(s *station, post *relaying.Post) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.users--
	if post != nil && s.post == post {
		s.post = nil
	}
	if s.users == 0 {
		s.cancel()
		r.node.Remove(s.id)
		delete(r.all, s.id)
	}
}

// close ends every connection, also those that somebody forgot to leave.
func (r *relays) close() {
	r.mu.Lock()
	for _, s := range r.all {
		s.cancel()
	}
	r.mu.Unlock()
	r.done.Wait()
}

// open is relaying's way to a connection.
func (r *relays) open(ctx context.Context, a protocol.Address, p *relaying.Post) {
	_, leave := r.use(ctx, a, p)
	<-ctx.Done()
	leave()
}

func (s *station) current() *relaying.Post {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	return s.post
}

func (s *station) up(live *client.Session) {
	if p := s.current(); p != nil {
		p.Up(live)
	}
}

func (s *station) down() {
	if p := s.current(); p != nil {
		p.Down()
	}
}

func (s *station) news(n protocol.News) {
	if p := s.current(); p != nil {
		p.News(n)
	}
}

func (s *station) listed(l protocol.Listed) {
	if p := s.current(); p != nil {
		p.Listed(l)
	}
}

func (s *station) frame(f protocol.Frame) {
	if p := s.current(); p != nil {
		p.Frame(f)
	}
}

func (s *station) presence(n protocol.Presence) {
	if p := s.current(); p != nil {
		p.Presence(n)
	}
}

func (s *station) incoming(i protocol.Incoming) { s.r.node.Incoming(s.id, i) }

// here is told of a colleague's device at a relay: the board may dial it there.
func (r *relays) here(device wire.DeviceID, relay [32]byte) {
	r.c.board.Suggest(relayed.Addr(relay, device), device)
}

// state of a relay by its address, and whether it is in use.
func (r *relays) state(id [32]byte) (client.State, bool) {
	r.mu.Lock()
	s := r.all[id]
	r.mu.Unlock()
	if s == nil {
		return client.State{}, false
	}
	return s.client.State(), true
}

// each does something with every connection.
func (r *relays) each(do func(*client.Client)) {
	r.mu.Lock()
	clients := make([]*client.Client, 0, len(r.all))
	for _, s := range r.all {
		clients = append(clients, s.client)
	}
	r.mu.Unlock()
	for _, c := range clients {
		do(c)
	}
}

// servers gives STUN and TURN of the first relay that has them.
func (r *relays) servers(ctx context.Context) protocol.Servers {
	var out protocol.Servers
	r.each(func(c *client.Client) {
		live := c.Session()
		if live == nil || len(out.URLs) > 0 {
			return
		}
		if got, err := live.Turn(ctx); err == nil {
			out = got
		}
	})
	return out
}

// visit is a newcomer's call at the relays of an invite.
type visit struct {
	r         *relays
	workspace wire.SpaceID
	stations  []*station
	cancel    context.CancelFunc
	leave     []func()
}

// beyond implements people.Deps.Beyond.
func (r *relays) beyond(ctx context.Context, addresses []protocol.Address, workspace wire.SpaceID) people.Beyond {
	ctx, cancel := context.WithCancel(ctx)
	v := &visit{r: r, workspace: workspace, cancel: cancel}
	for _, a := range addresses {
		s, leave := r.use(ctx, a, nil)
		v.stations, v.leave = append(v.stations, s), append(v.leave, leave)
		r.done.Go(func() { r.ask(ctx, s, workspace) })
	}
	return v
}

// ask keeps asking who is there and lets people in.
func (r *relays) ask(ctx context.Context, s *station, workspace wire.SpaceID) {
	for ctx.Err() == nil {
		if live := s.client.Session(); live != nil {
			within, cancel := context.WithTimeout(ctx, hostsWithin)
			devices, err := live.Hosts(within, workspace)
			cancel()
			if err == nil {
				r.mu.Lock()
				s.hosts[workspace] = devices
				r.mu.Unlock()
			}
		}
		wait := hostsEvery
		if s.client.Session() == nil {
			wait = hostsEvery / 20
		}
		select {
		case <-ctx.Done():
		case <-r.c.app.Clock.After(wait):
		}
	}
}

// Hosts implements people.Beyond.
func (v *visit) Hosts() (out []people.Host) {
	v.r.mu.Lock()
	defer v.r.mu.Unlock()
	for _, s := range v.stations {
		for _, d := range s.hosts[v.workspace] {
			out = append(out, people.Host{Device: d, Addr: relayed.Addr(s.id, d)})
		}
	}
	return out
}

// Done implements people.Beyond.
func (v *visit) Done() {
	v.cancel()
	for _, leave := range v.leave {
		leave()
	}
}

// relayID is a relay's name at the door.
func relayID(id [32]byte) string { return hex.EncodeToString(id[:16]) }
