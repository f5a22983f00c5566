package server_test

import (
	"slices"
	"testing"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// rules makes envelopes of the device's control feed.
func (d *device) rules(space wire.SpaceID, n int) (raws [][]byte) {
	d.t.Helper()
	h := envelope.Header{Space: space, Feed: envelope.Feed{Device: d.name(), Start: 1, Lane: envelope.Control}}
	for range n {
		h.Seq++
		e, err := envelope.Seal(h, []byte("rule"), d.key)
		if err != nil {
			d.t.Fatal(err)
		}
		h.Prev = e.ID
		raws = append(raws, e.Raw)
	}
	return raws
}

// takesOff signs a grant that takes a device off and leaves it something.
func (d *device) takesOff(space wire.SpaceID, whom *device, last ...protocol.Last) protocol.Message {
	d.t.Helper()
	list := d.must(protocol.Message{Access: &protocol.Access{Space: space}}).AccessList
	signed, err := protocol.Grant{Space: space, Workspace: space, Version: list.Version + 1, Prev: list.Head, By: d.name(),
		Set: []protocol.Entry{with(whom, protocol.RightNone)}, Last: last}.Sign(d.key)
	if err != nil {
		d.t.Fatal(err)
	}
	return protocol.Message{Grant: &signed}
}

func leaves(to *device, f envelope.Feed, seq uint64) protocol.Last {
	return protocol.Last{Device: to.name(), Heads: []protocol.Head{protocol.HeadOf(f, seq)}}
}

// Whoever was taken off reads what was left to it, however late, and nothing else.
func TestLastWords(t *testing.T) {
	r := newRig(t, nil)
	boss, clerk, space := r.office()
	rules := boss.rules(space, 4)
	control := envelope.Feed{Device: boss.name(), Start: 1, Lane: envelope.Control}
	boss.must(protocol.Message{Publish: &protocol.Publish{Space: space, Raws: rules[:1]}})
	boss.publishes(space, "everybody's")
	boss.must(boss.takesOff(space, clerk, leaves(clerk, control, 3)))
	boss.must(protocol.Message{Publish: &protocol.Publish{Space: space, Raws: rules[1:]}}) // the removal came after the cut
	boss.publishes(space, "ours")
	read := func(when string, after protocol.Cursor, want [][]byte) protocol.Cursor {
		t.Helper()
		page := clerk.must(protocol.Message{Read: &protocol.Read{Space: space, After: after}}).Page
		if !slices.EqualFunc(page.Raws, want, slices.Equal) || page.More {
			t.Errorf("%s: %d envelopes", when, len(page.Raws))
		}
		return page.Next
	}
	end := read("at once", nil, rules[:3])
	read("from there on", end, nil)
	clerk.connect()
	read("connected again", nil, rules[:3])
	for _, m := range []protocol.Message{
		{Subscribe: &protocol.Subscribe{Space: space}}, {Heads: &protocol.Heads{Space: space}}, {Access: &protocol.Access{Space: space}},
		{Publish: &protocol.Publish{Space: space, Raws: clerk.writes(space, "late")}},
	} {
		clerk.fails(protocol.CodeForbidden, m)
	}
	stranger := r.device()
	stranger.connect()
	stranger.fails(protocol.CodeForbidden, protocol.Message{Read: &protocol.Read{Space: space}})
	// Let in again and taken off again without a word: nothing is left.
	boss.must(boss.grants(space, space, with(clerk, protocol.RightUse)))
	if n := len(clerk.must(protocol.Message{Read: &protocol.Read{Space: space}}).Page.Raws); n != 6 {
		t.Errorf("let in again: %d envelopes", n)
	}
	boss.must(boss.takesOff(space, clerk))
	clerk.fails(protocol.CodeForbidden, protocol.Message{Read: &protocol.Read{Space: space}})
}

// Last words are control events, for those whom the grant takes off, never for its author.
func TestLastWordsThatAreNone(t *testing.T) {
	r := newRig(t, nil)
	boss, clerk, space := r.office()
	control := envelope.Feed{Device: boss.name(), Start: 1, Lane: envelope.Control}
	content := envelope.Feed{Device: boss.name(), Start: 1, Lane: envelope.Content}
	for _, m := range []protocol.Message{
		clerk.takesOff(space, clerk, leaves(clerk, control, 1<<40)), // who goes leaves itself nothing
		boss.takesOff(space, clerk, leaves(boss, control, 1)),
		boss.takesOff(space, clerk, leaves(clerk, content, 1)),
		boss.takesOff(space, clerk, protocol.Last{Device: clerk.name()}),
		boss.takesOff(space, clerk, leaves(clerk, control, 1), leaves(clerk, control, 2)),
	} {
		boss.fails(protocol.CodeMalformed, m)
	}
	clerk.must(protocol.Message{Read: &protocol.Read{Space: space}})
}
