package people

import (
	"context"
	_ "embed"
	"log/slog"
	"sync"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/link"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local.sql
var localSchema string

// Board is what joining needs of the switchboard.
type Board interface {
	Handle(protocol string, h func(ctx context.Context, peer wire.DeviceID, s link.Stream))
	Dial(ctx context.Context, addr string, want wire.DeviceID) (wire.DeviceID, error)
	OpenStream(ctx context.Context, device wire.DeviceID, protocol string) (link.Stream, error)
	Addresses() []string
}

// Replication is what joining needs of replication.
type Replication interface {
	Expect(id wire.SpaceID, from wire.DeviceID)
	Syncing(id wire.SpaceID) uint64
}

// Sighting is a device seen nearby that takes requests.
type Sighting struct {
	Instance [16]byte
	Addrs    []string
	Joinable bool
}

// Beyond is a visit to relays.
type Beyond interface {
	// Hosts are members' devices that are there now and may let people in, and where
	// the board dials them. It does not block.
	Hosts() []Host
	// Done ends the visit.
	Done()
}

// Host is a device and where to dial it.
type Host struct {
	Device wire.DeviceID
	Addr   string
}

// Deps is everything this feature works with.
type Deps struct {
	Log         *eventlog.Log
	DB          *store.DB
	Board       Board
	Replication Replication
	Clock       clock.Clock
	Slog        *slog.Logger
	Publish     func(topics ...string)
	// Me is this device's person; MyName what it calls itself until a workspace knows better.
	Me     space.Party
	MyName func() string
	// DeviceName and VisibleNearby are choices of this device.
	DeviceName    func() string
	VisibleNearby func() bool
	// Sightings lists what discovery sees now.
	Sightings func() []Sighting
	// Beyond reaches members of a workspace over relays before this device is a member;
	// nil without relays.
	Beyond func(ctx context.Context, relays []protocol.Address, workspace wire.SpaceID) Beyond
	// Via names the link to a device, "" when there is none.
	Via func(wire.DeviceID) string
	// Present reports whether a device without a link is at a relay; may be nil.
	Present func(wire.DeviceID) bool
	// From is the workspace from which we came into a space that lies in none; may be nil.
	From func(ctx context.Context, id wire.SpaceID) (workspace wire.SpaceID, ok bool)
	// Over reports whether a meeting with guests has ended; may be nil.
	Over func(ctx context.Context, meeting wire.SpaceID) bool
}

// People is the feature.
type People struct {
	Deps
	offers   offers
	attempt  attempt
	requests requests

	mu    sync.Mutex
	names map[nameKey]told // cache, dropped at every change of people
	drops uint64           // how often it was dropped
	hints map[wire.PersonID]string
}

type nameKey struct {
	space  wire.SpaceID
	person wire.PersonID
}

// told is what somebody calls itself, or that it has not said so.
type told struct {
	name string
	said bool
}

// Open makes the feature; it answers newcomers from the moment the board runs.
func Open(ctx context.Context, d Deps) (*People, error) {
	if err := d.DB.Migrate(ctx, "peoplelocal", localSchema); err != nil {
		return nil, err
	}
	p := &People{Deps: d, names: map[nameKey]told{}, hints: map[wire.PersonID]string{}}
	p.offers.init()
	p.requests.init()
	d.Board.Handle(joinProtocol, p.host)
	return p, nil
}

// Run does what has to be done in the background until ctx ends.
func (p *People) Run(ctx context.Context) error {
	p.attempt.base.Store(&ctx)
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		p.introduce(ctx)
		p.lookAround(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-p.offers.wake:
		}
	}
}

// Sighted is told that discovery found something; it does not block.
func (p *People) Sighted() {
	select {
	case p.offers.wake <- struct{}{}:
	default:
	}
}

// introduce tells our name wherever we are a member and have not said it yet: a
// newcomer does so as soon as it may write, however the way there was cut short.
func (p *People) introduce(ctx context.Context) {
	for _, id := range p.belong(space.Kind.Standalone) {
		if _, said := p.profile(ctx, id, p.Me.Person); said {
			continue
		}
		if n := p.nameIn(ctx, id); n != "" {
			if _, err := p.Log.Append(ctx, id, eventlog.Draft{Kind: ProfileSet, Body: Profile{Name: n}}); err != nil && ctx.Err() == nil {
				p.Slog.Info("name not told yet", "space", id.String(), "err", err)
			}
		}
	}
}

func isWorkspace(k space.Kind) bool { return k == space.Workspace }

// belong lists the spaces of some kinds that we belong to now.
func (p *People) belong(kinds func(space.Kind) bool) []wire.SpaceID {
	var out []wire.SpaceID
	for _, id := range p.Log.Spaces() {
		_ = p.Log.View(id, func(s *space.State) {
			if m, ok := s.Member(p.Me.Person); kinds(s.Kind) && ok && m.Active {
				out = append(out, id)
			}
		})
	}
	return out
}

// Changed drops cached names; the app calls it when the topic "people" is published.
func (p *People) Changed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.names)
	p.drops++
}

// Name of a person in a workspace; before it has told us, what it called itself
// when it asked to join; "" when nothing is known.
func (p *People) Name(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) string {
	k := nameKey{workspace, person}
	p.mu.Lock()
	n, known := p.names[k]
	hint, drops := p.hints[person], p.drops
	p.mu.Unlock()
	if !known {
		var pr Profile
		pr, n.said = p.profile(ctx, workspace, person)
		n.name = pr.Name
		p.mu.Lock()
		if ctx.Err() == nil && drops == p.drops { // else this may be of before, or nothing at all
			p.names[k] = n
		}
		p.mu.Unlock()
	}
	if n.said {
		return n.name
	}
	if person == p.Me.Person {
		return p.MyName()
	}
	return hint
}

func (p *People) hint(person wire.PersonID, n string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.hints) < 10_000 {
		p.hints[person] = n
	}
}

func draft(kind event.Kind, body any) eventlog.Draft { return eventlog.Draft{Kind: kind, Body: body} }
