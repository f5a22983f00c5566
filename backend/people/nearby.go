package people

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

const (
	// lookFor is how long after somebody asked for what is nearby we keep looking.
	lookFor = 30 * time.Second
	// offerLife is how long an offer is shown without being heard again.
	offerLife = 20 * time.Second
	// askAgain is how long an answer stands before the device is asked anew.
	askAgain = 8 * time.Second
	// usualPort is where links listen unless it is taken.
	usualPort  = 47800
	maxNearby  = 64
	maxAskedAt = 256
)

// heard is an offer and where it came from.
type heard struct {
	offer
	Host  wire.DeviceID
	addrs []string
	at    time.Time
}

type offerKey struct {
	workspace wire.SpaceID
	host      wire.DeviceID
}

type offers struct {
	mu     sync.Mutex
	wanted time.Time
	asked  map[[16]byte]time.Time
	all    map[offerKey]heard
	wake   chan struct{}
}

func (o *offers) init() {
	o.asked, o.all, o.wake = map[[16]byte]time.Time{}, map[offerKey]heard{}, make(chan struct{}, 1)
}

func (o *offers) find(id wire.SpaceID, host wire.DeviceID) (heard, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h, ok := o.all[offerKey{id, host}]
	return h, ok
}

// Nearby lists the workspaces on this network that take requests, and keeps
// looking for a while.
func (p *People) Nearby(ctx context.Context) []NearbyWorkspace {
	o := &p.offers
	o.mu.Lock()
	first := p.Clock.Now().Sub(o.wanted) > lookFor
	o.wanted = p.Clock.Now()
	list := slices.Collect(maps.Values(o.all))
	o.mu.Unlock()
	if first {
		if base := p.attempt.base.Load(); base != nil {
			go p.lookAround(*base)
		}
	}
	byID := map[wire.SpaceID]*NearbyWorkspace{}
	var out []*NearbyWorkspace
	slices.SortFunc(list, func(a, b heard) int { return strings.Compare(a.Person, b.Person) })
	for _, h := range list {
		w := byID[h.Workspace]
		if w == nil {
			w = &NearbyWorkspace{ID: h.Workspace, Name: h.Name}
			byID[h.Workspace], out = w, append(out, w)
		}
		w.Members = max(w.Members, int(h.Members))
		w.Hosts = append(w.Hosts, NearbyHost{h.Host, h.Person, h.Device})
	}
	slices.SortFunc(out, func(a, b *NearbyWorkspace) int { return strings.Compare(a.Name, b.Name) })
	flat := make([]NearbyWorkspace, 0, len(out))
	for _, w := range out {
		flat = append(flat, *w)
	}
	return flat
}

// NearbyWorkspace is one card of the first screen.
type NearbyWorkspace struct {
	ID      wire.SpaceID
	Name    string
	Members int
	Hosts   []NearbyHost
}

// NearbyHost is a member's device that can be asked.
type NearbyHost struct {
	Device     wire.DeviceID
	Person     string
	DeviceName string
}

// lookAround asks devices seen nearby which workspaces they offer, while
// somebody is looking at the list.
func (p *People) lookAround(ctx context.Context) {
	o := &p.offers
	now := p.Clock.Now()
	o.mu.Lock()
	changed := false
	for k, h := range o.all {
		if now.Sub(h.at) > offerLife {
			delete(o.all, k)
			changed = true
		}
	}
	if len(o.asked) > maxAskedAt {
		clear(o.asked)
	}
	looking := now.Sub(o.wanted) < lookFor
	o.mu.Unlock()
	if changed {
		p.Publish("nearby")
	}
	if !looking {
		return
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	seen := p.Sightings()
	for _, s := range seen[:min(maxNearby, len(seen))] {
		o.mu.Lock()
		due := s.Joinable && now.Sub(o.asked[s.Instance]) > askAgain
		if due {
			o.asked[s.Instance] = now
		}
		o.mu.Unlock()
		if due {
			wg.Go(func() {
				if !p.askOffers(ctx, s) { // nobody answered: once more at the next look
					o.mu.Lock()
					delete(o.asked, s.Instance)
					o.mu.Unlock()
				}
			})
		}
	}
}

// Visit looks at an address typed by hand; without a port it is the usual one.
// Errors: errcode.AddressInvalid, errcode.HostUnreachable.
func (p *People) Visit(ctx context.Context, text string) error {
	text = strings.TrimSpace(text)
	if ip, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		text = netip.AddrPortFrom(ip, usualPort).String()
	}
	addr, err := netip.ParseAddrPort(text)
	if err != nil || addr.Port() == 0 || addr.Addr().IsUnspecified() || addr.Addr().IsMulticast() {
		return errcode.AddressInvalid
	}
	p.offers.mu.Lock()
	p.offers.wanted = p.Clock.Now()
	p.offers.mu.Unlock()
	if !p.askOffers(ctx, Sighting{Addrs: []string{addr.String()}}) {
		return errcode.HostUnreachable
	}
	return nil
}

// askOffers reports whether anybody answered.
func (p *People) askOffers(ctx context.Context, seen Sighting) bool {
	for _, addr := range seen.Addrs {
		dial, cancel := context.WithTimeout(ctx, dialTimeout/2)
		host, err := p.Board.Dial(dial, addr, wire.DeviceID{})
		if err != nil {
			cancel()
			continue
		}
		s, err := p.Board.OpenStream(dial, host, joinProtocol)
		cancel()
		if err != nil {
			continue
		}
		_ = s.SetDeadline(time.Now().Add(stepTimeout))
		err = wire.Send(s, joinMessage{Hello: &struct{}{}})
		var m joinMessage
		if err == nil {
			err = wire.Receive(s, maxJoin, &m)
		}
		_ = s.Close()
		if err != nil || m.Offers == nil || len(m.Offers.Offers) > maxOffers {
			continue
		}
		p.hear(host, seen.Addrs, m.Offers.Offers)
		return true
	}
	return false
}

func (p *People) hear(host wire.DeviceID, addrs []string, list []offer) {
	o := &p.offers
	o.mu.Lock()
	before := len(o.all)
	news := false
	for k := range o.all {
		if k.host == host && !slices.ContainsFunc(list, func(x offer) bool { return x.Workspace == k.workspace }) {
			delete(o.all, k)
			news = true
		}
	}
	for _, x := range list {
		if !checkOffer(x) || len(o.all) > maxNearby*maxOffers {
			continue
		}
		k := offerKey{x.Workspace, host}
		news = news || o.all[k].offer != x
		o.all[k] = heard{offer: x, Host: host, addrs: addrs, at: p.Clock.Now()}
	}
	news = news || before != len(o.all)
	o.mu.Unlock()
	if news {
		p.Publish("nearby")
	}
}
