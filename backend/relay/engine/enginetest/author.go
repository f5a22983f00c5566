package enginetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// Author writes one feed: signed envelopes in sequence, with bodies of noise.
type Author struct {
	Space wire.SpaceID
	Feed  envelope.Feed
	Seq   uint64
	head  wire.EventID
	key   key.SigningKey
}

// NewAuthor begins a content feed of a new device.
func NewAuthor(space wire.SpaceID) *Author {
	k := key.NewSigningKey()
	return &Author{Space: space, Feed: envelope.Feed{Device: k.Public(), Start: 1_700_000_000_000, Lane: envelope.Content}, key: k}
}

// Lane gives another feed of the same device.
func (a *Author) Lane(lane envelope.Lane) *Author {
	other := &Author{Space: a.Space, Feed: a.Feed, key: a.key}
	other.Feed.Lane = lane
	return other
}

// Fork is an author who goes on from the same head in another way.
func (a *Author) Fork() *Author {
	other := *a
	return &other
}

// Head is how far the author has written.
func (a *Author) Head() protocol.Head { return protocol.HeadOf(a.Feed, a.Seq) }

// Write makes the next n envelopes with bodies of so many bytes.
func (a *Author) Write(n, size int) engine.Run {
	run := make(engine.Run, 0, n)
	for range n {
		h := envelope.Header{Space: a.Space, Feed: a.Feed, Seq: a.Seq + 1, Prev: a.head, Epoch: wire.EpochID{1}}
		e, err := envelope.Seal(h, wire.Random(size), a.key)
		if err != nil {
			panic(err) // sizes come from tests
		}
		a.Seq, a.head = e.Seq, e.ID
		run = append(run, e)
	}
	return run
}

// NewSpace names a space.
func NewSpace() wire.SpaceID { return wire.SpaceID(wire.Random(32)) }

// ReadAll reads a space from a cursor to its end, in pages of limit. It checks
// what every page promises.
func ReadAll(ctx context.Context, e engine.Engine, space wire.SpaceID, after protocol.Cursor, limit int) ([]engine.Item, error) {
	var out []engine.Item
	for {
		page, err := e.Read(ctx, space, after, limit)
		if err != nil {
			return out, err
		}
		size := 0
		for _, item := range page.Items {
			size += len(item.Raw)
			if len(item.Cursor) == 0 || len(item.Cursor) > protocol.MaxCursor {
				return out, fmt.Errorf("a cursor of %d bytes", len(item.Cursor))
			}
		}
		n := len(page.Items)
		switch {
		case limit > 0 && n > limit:
			return out, fmt.Errorf("%d envelopes on a page of %d", n, limit)
		case n > protocol.MaxPage || n > 1 && size > protocol.MaxPageBytes:
			return out, fmt.Errorf("a page of %d envelopes and %d bytes", n, size)
		case n == 0 && page.More:
			return out, errors.New("an empty page says that there is more")
		case n > 0 && !bytes.Equal(page.Next, page.Items[n-1].Cursor):
			return out, errors.New("next is not the cursor after the last envelope")
		case len(page.Next) > protocol.MaxCursor:
			return out, fmt.Errorf("a cursor of %d bytes", len(page.Next))
		}
		out = append(out, page.Items...)
		after = page.Next
		if !page.More {
			return out, nil
		}
	}
}

// Exactly checks that items are what authors wrote from a sequence on (each of
// their envelopes once, each feed in order) and nothing else.
func Exactly(t testing.TB, items []engine.Item, from uint64, authors ...*Author) {
	t.Helper()
	next := InOrder(t, items)
	for _, a := range authors {
		first, last := next[a.Feed].First, next[a.Feed].Last
		if a.Seq >= from && (first != from || last != a.Seq) {
			t.Errorf("feed of %s: %d to %d is there, want %d to %d", a.Feed.Device.Short(), first, last, from, a.Seq)
		}
		if a.Seq < from && last != 0 {
			t.Errorf("feed of %s: %d to %d is there, want nothing", a.Feed.Device.Short(), first, last)
		}
		delete(next, a.Feed)
	}
	if len(next) > 0 {
		t.Errorf("%d feeds that nobody wrote", len(next))
	}
}

// Span is a part of a feed.
type Span struct{ First, Last uint64 }

// InOrder checks that each feed's envelopes follow each other without gap,
// doublet or turn, and tells what there is of each.
func InOrder(t testing.TB, items []engine.Item) map[envelope.Feed]Span {
	t.Helper()
	spans := map[envelope.Feed]Span{}
	ids := map[envelope.Feed]wire.EventID{}
	for i, item := range items {
		e, err := envelope.Decode(item.Raw)
		if err != nil {
			t.Fatalf("item %d: %v", i, err)
		}
		s, known := spans[e.Feed]
		if !known {
			s.First = e.Seq
		} else if e.Seq != s.Last+1 || e.Prev != ids[e.Feed] {
			t.Fatalf("item %d: sequence %d follows %d in its feed", i, e.Seq, s.Last)
		}
		s.Last = e.Seq
		spans[e.Feed], ids[e.Feed] = s, e.ID
	}
	return spans
}

func tenantOf(n byte) engine.Tenant { return engine.Tenant{n, 0xee} }

// same compares items with envelopes.
func same(t *testing.T, items []engine.Item, run engine.Run) {
	t.Helper()
	if len(items) != len(run) {
		t.Fatalf("%d envelopes, want %d", len(items), len(run))
	}
	for i := range run {
		if !bytes.Equal(items[i].Raw, run[i].Raw) {
			t.Fatalf("envelope %d is another one", i)
		}
	}
}
