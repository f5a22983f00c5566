package relaying

import (
	"context"
	"errors"

	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// A removed device learns of its removal from the relay, whenever it asks: who cuts
// it off the list says in the same grant how far it may still read (lastWords), and
// the device that finds itself on no list reads that (hearWhy). Nothing rests on
// what reaches whom before the cut.

// lastWords are what a grant leaves to those whom it takes off: the control events up
// to their removal, as on a link. Those who were on the list come first; what does not
// fit is left out, for a list that cannot be cut would be worse.
func (e *Engine) lastWords(id wire.SpaceID, set []protocol.Entry, now protocol.AccessList) (out []protocol.Last) {
	use := map[wire.DeviceID]bool{}
	for _, x := range now.Entries {
		use[x.Device] = x.Rights != protocol.RightNone
	}
	n := 0
	for _, listed := range []bool{true, false} {
		for _, x := range set {
			if x.Rights != protocol.RightNone || use[x.Device] != listed {
				continue
			}
			last, _ := e.Log.Farewell(id, x.Device)
			if len(last) == 0 || n+len(last) > protocol.MaxHeads {
				continue
			}
			n += len(last)
			one := protocol.Last{Device: x.Device}
			for f, seq := range last {
				one.Heads = append(one.Heads, protocol.HeadOf(f, seq))
			}
			out = append(out, one)
		}
	}
	return out
}

// member reports whether a space names this device, as far as is known here.
func (t *turn) member() bool {
	roll, _ := t.p.e.desired(t.id)
	return roll[t.p.e.Log.Self()] != protocol.RightNone
}

// hearWhy reads what a list that names us no more left to us. To others, such as
// newcomers whom it does not name yet, the relay gives nothing.
func (t *turn) hearWhy(ctx context.Context) error {
	if !t.member() {
		return nil
	}
	t.loadCursor(ctx)
	t.p.mu.Lock()
	after := t.pl.parting
	if after == nil {
		after = t.pl.cursor
	}
	whole := t.pl.parted || len(after) == 0
	t.p.mu.Unlock()
	for {
		page, err := t.s.Read(ctx, protocol.Read{Space: t.id, After: after})
		if code(err) == protocol.CodeCursor && len(after) > 0 {
			after, whole = nil, true
			continue
		}
		if err != nil {
			return err
		}
		if err := t.take(ctx, page.Raws); err != nil {
			return err
		}
		after = page.Next
		if page.More {
			continue
		}
		t.p.mu.Lock()
		t.pl.parting = after // the place where all is read is another: much was not shown to us
		t.pl.parted = true
		t.p.mu.Unlock()
		if whole || !t.member() {
			return nil
		}
		after, whole = nil, true // something lies before: from the start, once
	}
}

// heardWhy makes of a refusal what came of asking why.
func (t *turn) heardWhy(ctx context.Context, refusal error) error {
	if code(refusal) != protocol.CodeForbidden {
		return refusal
	}
	if err := t.hearWhy(ctx); errors.Is(err, errForged) {
		return err
	}
	return refusal
}
