package flow

import (
	"cmp"
	"encoding/hex"
	"slices"

	"roundtable/backend/clock"
	"roundtable/backend/wire"
)

// requests lists what was asked of holders of seals.
func (f *fold) requests() {
	refused := map[wire.EventID]*Event{}
	for i := range f.all {
		e := &f.all[i]
		if r, is := e.Body.(*SealRefused); is {
			if asked := f.tree.asked[r.Request]; asked != nil && asked.Body.(*SealAsked).Holder == e.Person && refused[r.Request] == nil {
				refused[r.Request] = e
			}
		}
	}
	applied := map[wire.EventID]bool{}
	for _, v := range f.out.Versions {
		if v.Act != nil && v.Act.What == Sealed {
			applied[v.Act.Request] = true
		}
	}
	for i := range f.all {
		e := &f.all[i]
		if f.tree.asked[e.ID] != e {
			continue
		}
		q := e.Body.(*SealAsked)
		r := Request{ID: e.ID, Asked: q, By: e.Person, At: e.Stamp, Applied: applied[e.ID]}
		if no := refused[e.ID]; no != nil && !r.Applied {
			r.Refused, r.Answer = true, no.Body.(*SealRefused).Reason
		}
		// What was asked for in a field that has its seal, or by a party that has acted, is settled.
		if p := f.out.Party(q.Party); !r.Applied && !r.Refused && (f.out.SealedFields[q.Field] || p.Acted() || p.Person != e.Person) {
			continue
		}
		f.out.Requests = append(f.out.Requests, r)
	}
}

// timeline lists what happened, what came too late as well. Who has no part in the contract says nothing here.
func (f *fold) timeline() {
	f.out.Reminded = map[uint8]clock.Stamp{}
	said, opened := map[wire.PersonID]int{}, map[wire.PersonID]bool{}
	voided := false
	for i := range f.all {
		e := &f.all[i]
		t := Entry{ID: e.ID, Person: e.Person, Device: e.Device, At: e.Stamp}
		ok := f.entry(e, &t)
		if ok && t.Kind == "reminded" {
			f.out.Reminders++
			f.out.Reminded[t.Party] = e.Stamp
		}
		switch {
		case !ok || t.Kind == "opened" && opened[e.Person]:
			continue
		case t.Kind == "voided":
			t.Void = t.Void || voided
			voided = true
		case t.Kind == "opened":
			opened[e.Person] = true
		}
		if !f.tree.counts[e.ID] && t.Kind != "sent" {
			if said[e.Person]++; said[e.Person] > maxSaid {
				continue
			}
		}
		f.out.Last = max(f.out.Last, e.Stamp)
		f.out.Timeline = append(f.out.Timeline, t)
		if f.out.Completed != 0 && e.Stamp == f.out.Completed && t.Act != nil && !t.Void && f.ends(e.ID) {
			f.out.Timeline = append(f.out.Timeline, Entry{Kind: "completed", ID: e.ID, Person: e.Person, Device: e.Device, At: e.Stamp, Act: t.Act})
		}
	}
	slices.SortStableFunc(f.out.Timeline, func(a, b Entry) int { return cmp.Compare(a.At, b.At) })
}

// ends reports whether a deed is the one that completed the contract.
func (f *fold) ends(id wire.EventID) bool {
	for i := range f.tree.nodes {
		if n := &f.tree.nodes[i]; n.event != nil && n.event.ID == id && f.tree.counts[id] {
			return n.over && !n.kept
		}
	}
	return false
}

// entry says what an event is in the timeline; false for what is none of it.
func (f *fold) entry(e *Event, t *Entry) bool {
	sender := e.Person == f.sender
	switch b := e.Body.(type) {
	case *Sent:
		t.Kind = "sent"
		return e.ID == f.root.ID
	case *Opened:
		t.Kind = "opened"
		return !sender && f.named(e.Person)
	case *Consented:
		t.Kind, t.Party = "consented", b.Party
		return f.tree.consents[e.ID] == e
	case *Withdrawn:
		t.Kind, t.Party = "withdrawn", b.Party
		return f.may(b.Party, e.Person)
	case *Acted:
		return f.deed(e, b, t)
	case *Declined:
		t.Kind, t.Party, t.Note = "declined", b.Party, b.Reason
		p := f.out.Party(b.Party)
		t.Void = f.out.Phase == Completed || p != nil && p.Acted()
		return f.may(b.Party, e.Person)
	case *Reassigned:
		t.Kind, t.Party, t.Note, t.To = "reassigned", b.Party, b.Reason, b.To
		return f.moved(e, b, t)
	case *Voided:
		t.Kind, t.Note, t.Void = "voided", b.Reason, f.out.Phase == Completed
		return sender
	case *Reminded:
		t.Kind, t.Party = "reminded", b.Party
		return sender && int(b.Party) <= len(f.out.Parties)
	case *DeadlineSet:
		t.Kind = "deadline_set"
		return sender
	case *SealAsked:
		t.Kind, t.Party, t.Note = "seal_asked", b.Party, b.Reason
		return f.tree.asked[e.ID] == e
	case *SealRefused:
		q := f.tree.asked[b.Request]
		t.Kind, t.Note = "seal_refused", b.Reason
		if q == nil || q.Body.(*SealAsked).Holder != e.Person {
			return false
		}
		t.Party = q.Body.(*SealAsked).Party
		return true
	}
	return false
}

// deed is the line of an act; one that does not count is shown when its author could have thought that it does.
func (f *fold) deed(e *Event, a *Acted, t *Entry) bool {
	t.Kind = map[What]string{Signed: "signed", Approved: "approved", Sealed: "sealed", Preserved: "preserved"}[a.What]
	t.Party, t.Act, t.Void = a.Party, a, !f.tree.counts[e.ID]
	switch {
	case !t.Void:
		return true
	case a.What == Preserved:
		return e.Person == f.sender
	case a.What == Sealed:
		return f.tree.asked[a.Request] != nil
	}
	return f.may(a.Party, e.Person)
}

func (f *fold) moved(e *Event, r *Reassigned, t *Entry) bool {
	p := f.out.Party(r.Party)
	if p == nil {
		return false
	}
	for _, edge := range f.people[r.Party-1].edges {
		if edge.id == e.ID {
			// It counts where it leads to who has the party, or acted for it.
			t.Void = !edge.used || p.Acted() && p.Person != f.people[r.Party-1].now
			return true
		}
	}
	return false
}

// named reports whether a person has, or had, a part in the contract.
func (f *fold) named(person wire.PersonID) bool {
	return slices.ContainsFunc(f.people, func(l lineage) bool { return l.has(person) })
}

// conflict shows the end of another chain.
func (f *fold) conflict(other *Event) {
	t := Entry{Kind: "conflict", ID: other.ID, Person: other.Person, Device: other.Device, At: other.Stamp}
	switch b := other.Body.(type) {
	case *Acted:
		t.Party, t.Note = b.Party, hex.EncodeToString(b.SHA256[:8])
	case *Sent:
		t.Note = hex.EncodeToString(b.Document.SHA256[:8])
	}
	f.out.Conflict = other.ID
	f.out.Timeline = append(f.out.Timeline, t)
}
