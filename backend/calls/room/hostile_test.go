package room

import (
	"errors"
	"testing"
	"time"

	"roundtable/backend/wire"
)

// forge says a policy in somebody's own beat.
func (h *hall) forge(name string, change func(*Policy)) error {
	d := h.as(name)
	b := d.room.Say(h.at(d))
	q := Policy{Founder: h.id(name), Since: d.room.me.joined, Counter: 1, Author: h.id(name)}
	if d.room.held != nil {
		q = *d.room.held.clone()
	}
	q.Counter++
	change(&q)
	b.Policy = &q
	var err error
	for _, to := range h.desks {
		if to != d {
			err = errors.Join(err, to.room.Hear(h.at(to), h.id(name), b))
		}
	}
	return err
}

func TestForgedPolicies(t *testing.T) {
	h := newHall(t, "li", "wang", "chen", "stranger")
	h.enters("li", "wang", "chen")
	me := person("wang")
	for what, change := range map[string]func(*Policy){
		"as a participant": func(q *Policy) { q.Rules = Locked },
		"as the starter":   func(q *Policy) { q.Founder, q.Author = h.id("li"), h.id("li"); q.Rules = Locked },
		"as a successor":   func(q *Policy) { q.Founder, q.Since, q.Counter = h.id("wang"), h.as("wang").room.me.joined, 900 },
		"as an early one":  func(q *Policy) { q.Founder, q.Since, q.Counter = h.id("wang"), 1, 900 },
		"with a forged grant": func(q *Policy) {
			q.Grant = &Grant{Number: 9, By: h.id("li"), People: []wire.PersonID{me}, Signature: make([]byte, 64)}
		},
		"with its own grant": func(q *Policy) {
			g := Grant{Number: 9, By: h.id("wang"), People: []wire.PersonID{me}}
			g.Signature = h.as("wang").room.Sign(g.message(h.as("wang").room.ID, q.Founder))
			q.Grant = &g
		},
		"that removes li":      func(q *Policy) { q.Removed = []wire.PersonID{person("li")} },
		"of somebody unknown":  func(q *Policy) { q.Founder, q.Since = wire.DeviceID{9}, 5 },
		"that ends everything": func(q *Policy) { q.Ended = true },
	} {
		_ = h.forge("wang", change)
		for _, n := range []string{"li", "chen"} {
			if v := h.view(n); v.Policy.Founder != h.id("li") || v.Policy.Rules&Locked != 0 || v.Ended {
				t.Errorf("%s takes a policy %s", n, what)
			}
			h.want(n, "chen li* wang")
		}
		h.passes(3 * time.Second)
		h.want("chen", "chen li* wang")
	}
	if err := h.as("chen").room.Hear(h.now, h.id("stranger"), Beat{Start: h.start, Sent: 1 << 50, Phase: In, Joined: 5}); !errors.Is(err, ErrBeat) {
		t.Errorf("a stranger is heard: %v", err)
	}
}

// A co-host that is none any more cannot go on with what it was given.
func TestFormerCohost(t *testing.T) {
	h := newHall(t, "li", "wang", "chen")
	h.enters("li", "wang", "chen")
	h.do("li", Deed{MakeCohost: h.id("wang")})
	h.want("chen", "chen li* wang+")
	old := h.as("wang").room.held.clone()
	h.do("li", Deed{UnmakeCohost: h.id("wang")})
	_ = h.forge("wang", func(q *Policy) { *q = *old.clone(); q.Counter, q.Rules = 900, Locked })
	h.passes(3 * time.Second)
	h.want("chen", "chen li* wang")
	if h.view("chen").Policy.Rules&Locked != 0 {
		t.Error("locked by a former co-host")
	}
}

func TestReplaysAndTimes(t *testing.T) {
	h := newHall(t, "li", "wang")
	h.enters("li")
	h.passes(3 * time.Second)
	old := h.as("li").room.me.said
	h.passes(3 * time.Second)
	hear := func(b Beat) error { return h.as("wang").room.Hear(h.now, h.id("li"), b) }
	if err := hear(old); !errors.Is(err, ErrBeat) {
		t.Errorf("replayed: %v", err)
	}
	early := h.as("li").room.Say(h.now)
	early.Joined -= 1000
	if err := hear(early); !errors.Is(err, ErrBeat) {
		t.Errorf("joined earlier than it said: %v", err)
	}
	other := h.as("li").room.Say(h.now)
	other.Start.At++
	if err := hear(other); !errors.Is(err, ErrBeat) {
		t.Errorf("of another call: %v", err)
	}
}

func TestCheck(t *testing.T) {
	good := func() Beat {
		return Beat{Start: Start{Device: wire.DeviceID{1}, At: 1}, Sent: 9, Phase: In, Joined: 8, Policy: &Policy{Counter: 3}}
	}
	for what, change := range map[string]func(*Beat){
		"no time":         func(b *Beat) { b.Sent = 0 },
		"before time":     func(b *Beat) { b.Start.At = -1 },
		"no phase":        func(b *Beat) { b.Phase = 0 },
		"unknown phase":   func(b *Beat) { b.Phase = 4 },
		"unknown bits":    func(b *Beat) { b.Shows = 1 << 6 },
		"joins tomorrow":  func(b *Beat) { b.Joined = 10 },
		"gone and shows":  func(b *Beat) { b.Phase, b.Shows = Gone, Camera },
		"many lost":       func(b *Beat) { b.Lost = make([]wire.DeviceID, maxLost+1) },
		"text":            func(b *Beat) { b.Reaction = &Reaction{Emoji: "hello"} },
		"long":            func(b *Beat) { b.Reaction = &Reaction{Emoji: "👍👍👍👍👍👍👍👍👍"} },
		"no counter":      func(b *Beat) { b.Policy.Counter = 0 },
		"many removed":    func(b *Beat) { b.Policy.Removed = make([]wire.PersonID, maxPeople+1) },
		"order to come":   func(b *Beat) { b.Policy.Orders = []Order{{What: 1, At: 4}} },
		"unknown order":   func(b *Beat) { b.Policy.Orders = []Order{{What: 9, At: 1}} },
		"short signature": func(b *Beat) { b.Policy.Grant = &Grant{Number: 1, Signature: []byte{1}} },
	} {
		b := good()
		change(&b)
		if _, err := Decode(wire.MustEncode(b)); !errors.Is(err, ErrBeat) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := Decode(wire.MustEncode(good())); err != nil {
		t.Errorf("refused: %v", err)
	}
}

// FuzzDecode: what reads is canonical, and no beat stops a room.
func FuzzDecode(f *testing.F) {
	h := newHall(f, "li", "wang")
	h.enters("li")
	f.Add(wire.MustEncode(h.as("li").room.Say(h.now)))
	f.Add(wire.MustEncode(Beat{Start: h.start, Sent: 5, Phase: Gone}))
	f.Add([]byte{0xa0})
	li := h.id("li")
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := Decode(raw)
		if err != nil {
			return
		}
		r := newHall(t, "li", "wang").as("wang").room
		b.Start = r.Start
		_ = r.Hear(noon, li, b)
		r.Enter(noon)
		_ = r.View(noon)
		_ = wire.MustEncode(r.Say(noon))
	})
}
