package contracts

import (
	"context"
	"strings"
	"unicode"

	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// maxNote bounds what an entry of evidence quotes, in bytes.
const maxNote = 1000

// saying is one event that is about to be written.
type saying struct {
	kind event.Kind
	body any
	// document is the hash of the file as it is afterwards.
	document [32]byte
	// completes: with it everybody has acted.
	completes bool
	// then writes what has to be true together with it.
	then func(tx *store.Tx, e eventlog.Event) error
}

// say writes events of this device, with their entries of evidence, all or none.
func (c *Contracts) say(ctx context.Context, x *contract, all ...saying) error {
	drafts := make([]eventlog.Draft, 0, len(all))
	for _, s := range all {
		if _, _, err := flow.Decode(s.kind, wire.MustEncode(s.body)); err != nil {
			return errcode.With(errcode.InvalidArgument, err)
		}
		if err := c.roomFor(ctx, x.id, s.kind); err != nil {
			return err
		}
		if s.document == [32]byte{} {
			s.document = x.Latest().SHA256
		}
		leaves := []evidence.Leaf{c.leaf(ctx, x.workspace, x.id, s.body, s.document)}
		if s.completes {
			done := leaves[0]
			done.Kind, done.Note = "completed", ""
			leaves = append(leaves, done)
		}
		drafts = append(drafts, eventlog.Draft{Kind: s.kind, Body: s.body, Then: func(tx *store.Tx, e eventlog.Event) error {
			if s.then != nil {
				if err := s.then(tx, e); err != nil {
					return err
				}
			}
			return c.note(tx, e, leaves...)
		}})
	}
	_, err := c.Log.Append(ctx, x.id, drafts...)
	return err
}

// note hands entries to the log of evidence, in the write that stores their event.
func (c *Contracts) note(tx *store.Tx, e eventlog.Event, leaves ...evidence.Leaf) error {
	if c.Evidence == nil {
		return nil
	}
	for _, l := range leaves {
		l.At = e.Stamp.Time()
		if err := c.Evidence.Note(tx, e, l); err != nil {
			return err
		}
	}
	return nil
}

// leaf is the entry of evidence for an own event; its time is that of the event.
func (c *Contracts) leaf(ctx context.Context, workspace, id wire.SpaceID, body any, document [32]byte) evidence.Leaf {
	l := evidence.Leaf{Contract: id.String(), Document: document, Actor: c.Me.Person.String(), Device: c.Log.Self().String(), Name: c.Name(ctx, workspace, c.Me.Person)}
	l.Kind, l.Note = entryOf(body)
	return l
}

// entryOf is what an entry of evidence says of an event: what happened, and what was said; "" for what makes no entry.
func entryOf(body any) (kind, note string) {
	switch b := body.(type) {
	case *flow.Sent:
		kind, note = "sent", b.Title
	case *flow.Opened:
		kind = "opened"
	case *flow.Consented:
		kind, note = "consented", b.Version
	case *flow.Withdrawn:
		kind = "withdrawn"
	case *flow.Acted:
		kind = map[flow.What]string{flow.Signed: "signed", flow.Approved: "approved", flow.Sealed: "sealed", flow.Preserved: "preserved"}[b.What]
		note = b.Level
	case *flow.Passed:
		kind = "passed"
	case *flow.Declined:
		kind, note = "declined", b.Reason
	case *flow.Reassigned:
		kind, note = "reassigned", b.To.String()+" "+b.Reason
	case *flow.Voided:
		kind, note = "voided", b.Reason
	case *flow.Reminded:
		kind = "reminded"
	case *flow.DeadlineSet:
		kind = "deadline_set"
	case *flow.SealAsked:
		kind, note = "seal_asked", b.Seal+" "+b.Reason
	case *flow.SealRefused:
		kind, note = "seal_refused", b.Reason
	}
	return kind, oneLine(note)
}

// oneLine gives a text in the form of entries of evidence: one line of at most maxNote bytes.
func oneLine(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
	for len(text) > maxNote {
		text = text[:len(text)-1]
	}
	return strings.ToValidUTF8(text, "")
}
