package flow

import (
	"bytes"
	"cmp"
	"slices"

	"roundtable/backend/clock"
	"roundtable/backend/wire"
)

// fold is the work on one set of events, from one beginning.
type fold struct {
	sender wire.PersonID
	all    []Event // each once, see earlier
	sent   *Sent
	root   Event
	people []lineage
	limit  int64 // after which no act counts, Unix ms; 0: none
	here   Here
	tree   *tree
	out    State
}

// Here is what one device alone knows of a contract.
type Here struct {
	// Bad deeds do not count, by their events: the bytes that they put behind the document are not what they say. What an event says
	// is known to everybody, what its bytes are to who has them.
	Bad map[wire.EventID]bool
	// Pin is the end of a complete chain whose document this device had in hand; zero: none. It stays, whatever else comes; what would count
	// without it is shown as a conflict.
	Pin wire.EventID
}

// Fold says what became of a contract whose space was created by sender. It does not keep or change the events.
func Fold(sender wire.PersonID, events []Event) *State { return FoldHere(sender, events, Here{}) }

// FoldWithout is Fold where some deeds do not count, see Here.Bad.
func FoldWithout(sender wire.PersonID, events []Event, bad map[wire.EventID]bool) *State {
	return FoldHere(sender, events, Here{Bad: bad})
}

// FoldHere is Fold as one device sees it.
func FoldHere(sender wire.PersonID, events []Event, here Here) *State {
	all := bounded(events)
	var best, pinned *fold
	for _, root := range beginnings(sender, all) {
		f := &fold{sender: sender, all: all, sent: root.Body.(*Sent), root: root, here: here,
			out: State{Phase: Running, Sent: root.Body.(*Sent), Root: root.ID, Sender: sender, SentAt: root.Stamp, By: root.Device, SealedFields: map[string]bool{}}}
		f.follow()
		f.deadlines()
		f.tree = f.chain()
		if pinned == nil && !here.Pin.IsZero() && f.tree.place(here.Pin) > 0 {
			pinned = f
		}
		if best == nil || f.tree.nodes[0].best.compare(best.tree.nodes[0].best) > 0 {
			best = f
		}
	}
	switch {
	case best == nil:
		return &State{}
	case pinned == nil:
		return best.finish(0, nil)
	}
	place := pinned.tree.place(here.Pin)
	way := best.tree.way(0)
	pinned.out.Pinned = true
	if best == pinned && slices.Contains(way, place) {
		return best.finish(0, nil)
	}
	other := &best.root
	if len(way) > 0 {
		other = best.tree.nodes[way[len(way)-1]].event
	}
	return pinned.finish(place, other)
}

// finish says what became of the contract on the way that leads through a place. other is the end of another way, which would count had this
// device not seen this one complete.
func (f *fold) finish(place int, other *Event) *State {
	f.tree.walk(f.tree.way(place))
	f.parties()
	f.requests()
	f.phase()
	f.stand()
	f.timeline()
	if other != nil {
		f.conflict(other)
	}
	return &f.out
}

// earlier orders events: those of one feed as they stand there, whatever their stamps say; then by stamp and ID.
func earlier(a, b Event) int {
	return cmp.Or(cmp.Compare(a.least, b.least), bytes.Compare(a.Device[:], b.Device[:]), cmp.Compare(a.Start, b.Start),
		cmp.Compare(a.Seq, b.Seq), bytes.Compare(a.ID[:], b.ID[:]))
}

// beginnings are what may have begun it: the first of each of the creator's feeds, in order. The one on which most was built counts, so that
// nobody begins it anew.
func beginnings(sender wire.PersonID, all []Event) (out []Event) {
	for _, e := range all {
		if _, is := e.Body.(*Sent); is && e.Person == sender {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int { return cmp.Compare(a.Seq, b.Seq) })
	return out[:min(len(out), maxBeginnings)]
}

// deadlines: the sender's last word is shown; acts count up to the latest deadline that there ever was, so
// that nobody's signature is undone by moving it.
func (f *fold) deadlines() {
	f.out.Deadline, f.limit = f.sent.Deadline, f.sent.Deadline
	for _, e := range f.all {
		d, is := e.Body.(*DeadlineSet)
		if !is || e.Person != f.sender {
			continue
		}
		f.out.Deadline = d.Deadline
		if d.Deadline == 0 || f.limit == 0 {
			f.limit = 0
		} else {
			f.limit = max(f.limit, d.Deadline)
		}
	}
}

func (f *fold) late(at int64) bool { return f.limit > 0 && at > f.limit }

// parties says who acted, and who has each part now.
func (f *fold) parties() {
	for i, p := range f.sent.Parties {
		s := PartyState{Party: p, Person: f.people[i].now, Ever: f.people[i].ever, Standing: Later}
		if act := f.tree.acted[p.ID]; act != nil {
			s.Person, s.At = act.Person, act.Stamp
			s.Standing = HasApproved
			if a := act.Body.(*Acted); a.What == Signed {
				s.Standing = HasSigned
				s.Consent, s.ConsentID = f.tree.consent(a.Consent), a.Consent
			}
		} else if c := f.consent(p.ID, s.Person); c != nil {
			s.Consent, s.ConsentID, s.At = c.Body.(*Consented), c.ID, c.Stamp
		}
		if called := f.people[i].called(s.Person); called != "" && s.Person != p.Person {
			s.Name = called
		}
		f.out.Parties = append(f.out.Parties, s)
	}
}

// consent is what a person agreed to last for a party, unless it took that back.
func (f *fold) consent(party uint8, person wire.PersonID) (last *Event) {
	for i := range f.all {
		e := &f.all[i]
		if e.Person != person {
			continue
		}
		switch b := e.Body.(type) {
		case *Consented:
			if b.Party == party && b.Base == f.sent.Document.SHA256 {
				last = e
			}
		case *Withdrawn:
			if b.Party == party {
				last = nil
			}
		}
	}
	return last
}

// phase says whether it is over.
func (f *fold) phase() {
	if f.tree.complete {
		f.out.Phase = Completed
		return
	}
	for _, e := range f.all {
		if v, is := e.Body.(*Voided); is && e.Person == f.sender {
			f.out.Phase, f.out.Reason = Ended, v.Reason
			return
		}
	}
	for _, e := range f.all {
		d, is := e.Body.(*Declined)
		if p := f.refusing(e, d); is && p != nil {
			p.Standing, p.At, p.Reason = HasDeclined, e.Stamp, d.Reason
			if f.out.Phase != Refused {
				f.out.Phase, f.out.Reason = Refused, d.Reason
			}
		}
	}
}

// refusing is the party that a refusal counts for: its author has it now, and has not acted.
func (f *fold) refusing(e Event, d *Declined) *PartyState {
	if d == nil {
		return nil
	}
	p := f.out.Party(d.Party)
	if p == nil || p.Acted() || !p.Role.Acts() || p.Person != e.Person || p.Standing == HasDeclined {
		return nil
	}
	return p
}

// stand says how far those have come who have not acted.
func (f *fold) stand() {
	opened := map[wire.PersonID]clock.Stamp{f.sender: f.root.Stamp}
	for _, e := range f.all {
		if _, is := e.Body.(*Opened); is {
			if _, before := opened[e.Person]; !before {
				opened[e.Person] = e.Stamp
			}
		}
	}
	for i := range f.out.Parties {
		p := &f.out.Parties[i]
		switch at, seen := opened[p.Person]; {
		case p.Acted() || p.Standing == HasDeclined:
		case p.Person.IsZero():
			p.Standing = Invited
		case p.Role.Acts() && !f.out.isPending(p.ID):
		case slices.ContainsFunc(f.out.Requests, func(r Request) bool { return r.Open() && r.Asked.Party == p.ID && p.Consent != nil }):
			p.Standing = WaitsForSeal
		case p.Consent != nil:
			p.Standing = HasConsented
		case seen && p.Person != f.sender, seen && p.Role == Viewer:
			p.Standing, p.At = HasOpened, at
		case p.Role != Copy:
			p.Standing = Waiting
		}
	}
}
