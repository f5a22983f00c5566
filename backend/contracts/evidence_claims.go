package contracts

import (
	"context"

	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/witnessed"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// happened is an event that an entry of evidence can be of.
type happened struct {
	person, device, kind, note string
	at                         int64
	// document is the one that came of it; zero where the document stayed what it was.
	document [32]byte
	taken    bool
}

// claims marks the entries that only their log says: no event of the contract that counts is what they are of. Everybody can write into their own
// log what they like; a certificate tells that from what happened.
func (c *Contracts) claims(ctx context.Context, x *contract, logs []bundle.Log) error {
	rows, err := c.DB.Read().QueryContext(ctx, eventsOf, x.id[:])
	if err != nil {
		return store.Classify(err)
	}
	events, err := scanEvents(rows)
	if err != nil {
		return err
	}
	all := happenings(x, events)
	for i := range logs {
		l := &logs[i]
		l.Claimed = nil
		for _, p := range l.Proofs {
			leaf, err := evidence.ParseLeaf(p.Leaf)
			if err != nil || !take(all[l.Device], l.ID, leaf) {
				l.Claimed = append(l.Claimed, p.Index)
			}
		}
	}
	return nil
}

// happenings are those of a contract by device, in the order of their times. That somebody opened it, or passed the document on, is in no timeline each
// time, and an event is enough.
func happenings(x *contract, events []flow.Event) map[string][]*happened {
	lines, done := map[wire.EventID]flow.Entry{}, map[wire.EventID]bool{}
	for _, t := range x.Timeline {
		switch {
		case t.Kind == "completed":
			done[t.ID] = true
		case !t.Void:
			lines[t.ID] = t
		}
	}
	out := map[string][]*happened{}
	for _, e := range events {
		h := happened{person: e.Person.String(), device: e.Device.String(), at: e.Stamp.UnixMilli()}
		h.kind, h.note = entryOf(e.Body)
		h.note = witnessed.Shown(h.note)
		if _, counts := lines[e.ID]; !counts && h.kind != "opened" && h.kind != "passed" || h.kind == "" {
			continue
		}
		if a, is := e.Body.(*flow.Acted); is && a.What != flow.Approved {
			h.document = a.SHA256
		}
		out[h.device] = append(out[h.device], &h)
		if done[e.ID] {
			end := h
			end.kind, end.note = "completed", ""
			out[h.device] = append(out[h.device], &end)
		}
	}
	return out
}

// take finds the event that an entry is of, each for one entry. A device whose clock was far ahead has entries later than what others hold its events
// for.
func take(all []*happened, person string, l evidence.Leaf) bool {
	var found *happened
	for _, h := range all {
		if h.taken || h.person != person || h.kind != l.Kind || h.note != l.Note || h.document != ([32]byte{}) && h.document != l.Document || h.at > l.At.UnixMilli() {
			continue
		}
		if found = h; h.at == l.At.UnixMilli() {
			break
		}
	}
	if found == nil {
		return false
	}
	found.taken = true
	return true
}
