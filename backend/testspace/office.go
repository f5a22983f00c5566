package testspace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roundtable/backend/calls"
	"roundtable/backend/contracts"
	"roundtable/backend/people"
	"roundtable/backend/space"
	"roundtable/backend/testnet"
	"roundtable/backend/wire"
)

// patience is how long a story waits for what has to happen by itself.
const patience = 2 * time.Minute

// Office is a story under way.
type Office struct {
	Net *testnet.Net
	// Workspace that was founded first.
	Workspace wire.SpaceID
	// MostTold bounds what is said in a shared folder, for who sits down after it is set;
	// 0: as in the app.
	MostTold int64
	// CreateFile makes the files of recordings, for who sits down after it is set; nil: on the disk.
	CreateFile func(path string) (calls.File, error)
	// Signing gives what people sign contracts with, for who sits down after it is set; nil: their keys and the seals of
	// the office, as in the app.
	Signing func(d *Desk) (contracts.Keys, contracts.Office)

	t     testing.TB
	seed  uint64
	mu    sync.Mutex
	desks []*Desk
	away  map[*Desk]bool
	low   map[string]bool
	depot map[string]*Depot // by the name of the desk
	// Found, when it is not 0, bounds what one look at a folder tells of: set it before anybody is there.
	Found  int
	said   []said
	relays []*Relay
}

// New opens an office. A failing test prints the seed, and what the devices logged.
func New(t testing.TB, seed uint64) *Office {
	t.TempDir() // made first, so that it goes last
	o := &Office{Net: testnet.New(seed), t: t, seed: seed, away: map[*Desk]bool{}, low: map[string]bool{}, depot: map[string]*Depot{}}
	t.Cleanup(func() {
		if !t.Failed() {
			o.holds()
		}
		if t.Failed() {
			t.Logf("seed %d\n%s", seed, o.picture())
		}
		for _, d := range o.all() {
			d.close()
		}
	})
	return o
}

// tick is a short wait of something that looks again.
func tick() <-chan time.Time { return time.After(3 * time.Millisecond) }

// must ends the test when err is set.
func (o *Office) must(err error, doing string) {
	o.t.Helper()
	if err != nil {
		o.t.Fatalf("%s: %v", doing, err)
	}
}

func (o *Office) all() []*Desk {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.desks)
}

// others are the devices that are on the network besides d.
func (o *Office) others(d *Desk) []*Desk {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(o.desks), func(x *Desk) bool { return x == d || o.away[x] })
}

// Low makes the device of this name, before it is first named, the one that
// begins conversations.
func (o *Office) Low(name string) { o.low[name] = true }

// As gives a person, who sits down at a new device when named for the first time.
func (o *Office) As(name string) *Desk {
	o.t.Helper()
	for _, d := range o.all() {
		if d.Name == name {
			return d
		}
	}
	d := o.newDesk(name, o.low[name])
	d.open()
	o.mu.Lock()
	o.desks = append(o.desks, d)
	o.mu.Unlock()
	return d
}

// Founds makes the workspace of the story.
func (o *Office) Founds(name, title string) wire.SpaceID {
	o.t.Helper()
	id, err := o.As(name).People.CreateWorkspace(context.Background(), title)
	o.must(err, name+" founds "+title)
	if o.Workspace.IsZero() {
		o.Workspace = id
	}
	return id
}

// Admits lets newcomers in who sit nearby: they ask, both sides compare six
// digits, the member agrees.
func (o *Office) Admits(by string, names ...string) {
	o.t.Helper()
	for _, name := range names {
		d := o.As(name)
		digits := o.Asks(name, by)
		r := o.As(by).request(d)
		if r.Digits != digits {
			o.t.Fatalf("%s shows %s, %s shows %s", name, digits, by, r.Digits)
		}
		o.must(o.As(by).People.Answer(context.Background(), r.ID, true, space.Member), by+" admits "+name)
		d.enters()
	}
	o.introduce()
}

// Asks has a newcomer ask a member, and gives the digits that the newcomer sees.
func (o *Office) Asks(name, host string) string {
	o.t.Helper()
	d, h := o.As(name), o.As(host)
	o.Eventually(name+" sees the workspace of "+host, func() bool {
		return slices.ContainsFunc(d.People.Nearby(context.Background()), func(w people.NearbyWorkspace) bool {
			return w.ID == o.Workspace && slices.ContainsFunc(w.Hosts, func(x people.NearbyHost) bool { return x.Device == h.ID() })
		})
	})
	o.must(d.People.AskToJoin(o.Workspace, h.ID()), name+" asks "+host)
	o.Eventually(name+" sees digits", func() bool {
		a := d.People.CurrentJoin()
		if a.State == people.JoinFailed {
			o.t.Fatalf("%s asks %s: %s", name, host, a.Code)
		}
		return a.State == people.JoinComparing
	})
	return d.People.CurrentJoin().Digits
}

// Removes ends a membership of the workspace.
func (o *Office) Removes(by, name string) {
	o.t.Helper()
	o.must(o.As(by).People.Remove(context.Background(), o.Workspace, o.As(name).Person()), by+" removes "+name)
}

// SetsRole changes a role in the workspace.
func (o *Office) SetsRole(by, name string, role space.Role) {
	o.t.Helper()
	o.must(o.As(by).People.SetRole(context.Background(), o.Workspace, o.As(name).Person(), role), by+" sets role of "+name)
}

// Partition cuts the network into groups.
func (o *Office) Partition(groups ...[]string) {
	o.Net.Partition(groups...)
	o.Eventually("the network is cut", func() bool {
		for _, d := range o.all() {
			for _, x := range o.all() {
				if d.working && x.working && d != x && !o.together(d, x) && d.Board.Connected(x.ID()) {
					return false
				}
			}
		}
		return true
	})
}

// Heal ends a partition.
func (o *Office) Heal() {
	o.Net.Heal()
	o.introduce()
}

// Leaves shuts a device down; Returns starts it again.
func (o *Office) Leaves(names ...string) {
	for _, name := range names {
		d := o.As(name)
		o.mu.Lock()
		o.away[d] = true
		o.mu.Unlock()
		d.close()
	}
}

// Returns starts devices that were shut down.
func (o *Office) Returns(names ...string) {
	for _, name := range names {
		d := o.As(name)
		d.open()
		o.mu.Lock()
		delete(o.away, d)
		o.mu.Unlock()
	}
	o.introduce()
}

// Restart shuts a device down and starts it again.
func (o *Office) Restart(names ...string) {
	o.Leaves(names...)
	o.Returns(names...)
}

// Later moves every clock.
func (o *Office) Later(d time.Duration) {
	for _, x := range o.all() {
		x.Clock.Move(d)
	}
}

// introduce gives colleagues each other's addresses, as discovery would, and
// ends all waiting for another try.
func (o *Office) introduce() {
	for _, d := range o.all() {
		if !d.working {
			continue
		}
		for _, x := range o.others(d) {
			if d.Log.Colleague(x.ID()) {
				d.Board.AddKnown(x.ID(), x.Addr())
			}
		}
		d.Board.NetworkChanged()
	}
}

// together: whether two devices could reach each other now. Refused dials are
// not asked for in stories, so this says nothing but the partition.
func (o *Office) together(a, b *Desk) bool { return o.Net.Reachable(a.Name, b.Name) }

// Eventually waits for something that has to come by itself.
func (o *Office) Eventually(what string, is func() bool) {
	o.t.Helper()
	o.within(patience, what, is)
}

func (o *Office) within(limit time.Duration, what string, is func() bool) {
	o.t.Helper()
	for until := time.Now().Add(limit); !is(); time.Sleep(3 * time.Millisecond) {
		if time.Now().After(until) {
			o.t.Fatalf("not in time: %s", what)
		}
	}
}

// picture says what every device held and logged, for a failing test.
func (o *Office) picture() string {
	var b strings.Builder
	for _, d := range o.all() {
		fmt.Fprintf(&b, "── %s %s up=%v working=%v\n", d.Name, d.ID().Short(), d.up, d.working)
		if d.up {
			for _, id := range d.Log.Spaces() {
				fmt.Fprintf(&b, "   %s %x %v\n", id.String()[:12], d.Log.Digest(id), o.named(d, id))
			}
			for name, err := range d.Runner.Failed() {
				fmt.Fprintf(&b, "   projection %s stopped: %v\n", name, err)
			}
		}
		lines := d.journal.all()
		for _, line := range lines[max(0, len(lines)-15):] {
			fmt.Fprintf(&b, "   %s\n", line)
		}
	}
	return b.String()
}

// named lists the present members of a space by name, as one device sees them.
func (o *Office) named(d *Desk, id wire.SpaceID) (out []string) {
	_ = d.Log.View(id, func(s *space.State) {
		for _, x := range o.all() {
			if m, ok := s.MemberOf(x.ID()); ok {
				out = append(out, fmt.Sprintf("%s:%d", x.Name, m.Role))
			}
		}
	})
	return out
}

// Fails ends the test unless an error is the wanted one.
func (o *Office) Fails(err, want error, doing string) {
	o.t.Helper()
	if !errors.Is(err, want) {
		o.t.Fatalf("%s: %v, want %v", doing, err, want)
	}
}
