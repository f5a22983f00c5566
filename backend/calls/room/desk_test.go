package room

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/wire"
)

var noon = time.UnixMilli(1_800_000_000_000)

// hall is some devices and what carries their beats.
type hall struct {
	t     testing.TB
	now   time.Time
	start Start
	desks []*desk
	pair  bool
	// cut reports whether a beat gets lost.
	cut func(from, to *desk) bool
	// wait is how long a beat takes.
	wait   func() time.Duration
	flying []flight
}

type desk struct {
	name string
	sign key.SigningKey
	room *Room
	off  bool // crashed
	skew time.Duration
}

type flight struct {
	at   time.Time
	from *desk
	to   *desk
	raw  []byte
}

var space = wire.SpaceID{1}

func device(name string) key.SigningKey {
	seed := key.Hash("room test", []byte(name))
	k, err := key.SigningKeyFromSeed(seed[:])
	if err != nil {
		panic(err)
	}
	return k
}

// person of a device: "li" and "li2" are both li's.
func person(name string) (p wire.PersonID) {
	copy(p[:], strings.TrimRight(name, "23"))
	return p
}

// newHall seats people; who begins with "guest" is one. The first begins the call.
func newHall(t testing.TB, names ...string) *hall {
	h := &hall{t: t, now: noon}
	for _, name := range names {
		h.desks = append(h.desks, &desk{name: name, sign: device(name)})
	}
	h.start = Start{Device: h.desks[0].sign.Public(), At: noon.UnixMilli()}
	for _, d := range h.desks {
		h.open(d)
	}
	return h
}

func (h *hall) open(d *desk) {
	d.room = New(World{
		Self: d.sign.Public(), Pair: h.pair, Who: h.who,
		Sign: func(m []byte) []byte { s, _ := d.sign.Sign(key.ContextCohosts, m); return s },
		Verify: func(by wire.DeviceID, m, s []byte) bool {
			return key.Verify(by, key.ContextCohosts, m, s) == nil
		},
	}, space, h.start)
}

func (h *hall) who(id wire.DeviceID) (Member, bool) {
	for _, d := range h.desks {
		if d.sign.Public() == id && !strings.HasPrefix(d.name, "stranger") {
			return Member{Person: person(d.name), External: strings.HasPrefix(d.name, "guest")}, true
		}
	}
	return Member{}, false
}

func (h *hall) as(name string) *desk {
	h.t.Helper()
	for _, d := range h.desks {
		if d.name == name {
			return d
		}
	}
	h.t.Fatalf("nobody is called %s", name)
	return nil
}

func (h *hall) id(name string) wire.DeviceID { return h.as(name).sign.Public() }

// enters has people come in one after the other.
func (h *hall) enters(names ...string) {
	for _, n := range names {
		h.as(n).room.Enter(h.at(h.as(n)))
		h.passes(500 * time.Millisecond)
	}
}

func (h *hall) at(d *desk) time.Time { return h.now.Add(d.skew) }

// passes lets time pass; beats are said and carried.
func (h *hall) passes(d time.Duration) {
	for end := h.now.Add(d); h.now.Before(end); {
		h.now = h.now.Add(100 * time.Millisecond)
		h.land()
		for _, d := range h.desks {
			if d.off {
				continue
			}
			d.room.Tick(h.at(d))
			if d.room.Due(h.at(d)) {
				h.carry(d, d.room.Say(h.at(d)))
			}
		}
	}
}

func (h *hall) carry(from *desk, b Beat) {
	raw := wire.MustEncode(b)
	if len(raw) > MaxBeat {
		h.t.Fatalf("a beat of %d bytes", len(raw))
	}
	for _, to := range h.desks {
		if to == from || h.cut != nil && h.cut(from, to) {
			continue
		}
		at := h.now
		if h.wait != nil {
			at = at.Add(h.wait())
		}
		h.flying = append(h.flying, flight{at, from, to, raw})
	}
	if h.wait == nil {
		h.land()
	}
}

func (h *hall) land() {
	rest := h.flying[:0]
	for _, f := range h.flying {
		if f.at.After(h.now) {
			rest = append(rest, f)
			continue
		}
		if f.to.off {
			continue
		}
		b, err := Decode(f.raw)
		if err != nil {
			h.t.Fatalf("%s says what does not read: %v", f.from.name, err)
		}
		_ = f.to.room.Hear(h.at(f.to), f.from.sign.Public(), b) // late and early ones are refused
	}
	h.flying = rest
}

func (h *hall) do(name string, d Deed) {
	h.t.Helper()
	if err := h.as(name).room.Do(h.at(h.as(name)), d); err != nil {
		h.t.Fatalf("%s: %v", name, err)
	}
	h.passes(500 * time.Millisecond)
}

func (h *hall) view(name string) View { return h.as(name).room.View(h.at(h.as(name))) }

func (h *hall) name(id wire.DeviceID) string {
	for _, d := range h.desks {
		if d.sign.Public() == id {
			return d.name
		}
	}
	if id.IsZero() {
		return "–"
	}
	return id.Short()
}

// sees is who is in, in one line: "li* wang+ chen" for host, co-host and others.
func (h *hall) sees(name string) string {
	v := h.view(name)
	var out []string
	for _, s := range v.In {
		out = append(out, h.name(s.Device)+[]string{"", "+", "*"}[s.Role])
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (h *hall) want(name, sees string) {
	h.t.Helper()
	if got := h.sees(name); got != sees {
		h.t.Errorf("%s sees %q, want %q", name, got, sees)
	}
}

// picture is everything that all who are in have to agree on.
func (h *hall) picture(d *desk) string {
	v := d.room.View(h.at(d))
	var b bytes.Buffer
	fmt.Fprintf(&b, "policy of %s since %d: %d by %s, grant %d, %+v\n", h.name(v.Policy.Founder), v.Policy.Since, v.Policy.Counter, h.name(v.Policy.Author),
		v.Policy.number(), v.Policy.Rules)
	for _, s := range v.In {
		fmt.Fprintf(&b, "  %s role %d shows %b\n", h.name(s.Device), s.Role, s.Shows)
	}
	for _, s := range v.Lobby {
		fmt.Fprintf(&b, "  lobby %s\n", h.name(s.Device))
	}
	if len(v.In) > 0 && v.Mine == Inside {
		fmt.Fprintf(&b, "  hub %s standby %s\n", h.name(v.Hub.Hub), h.name(v.Hub.Standby))
	}
	return b.String()
}
