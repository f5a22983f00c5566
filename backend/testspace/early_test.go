package testspace_test

import (
	"math"
	"testing"

	"roundtable/backend/chat"
	"roundtable/backend/envelope"
	"roundtable/backend/people"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
)

// What was shown ahead of its turn and turns out void leaves nothing behind.
func TestEarlyAndThenVoid(t *testing.T) {
	a, b, c := testspace.NewIsland(t, "a", 1), testspace.NewIsland(t, "b", 1), testspace.NewIsland(t, "c", 1)
	id := a.Creates(space.Create{Kind: space.Workspace, Parties: []space.Party{a.Party}})
	for _, x := range []*testspace.Island{b, c} {
		a.Changes(id, space.Op{Add: &space.Add{Party: x.Party, Role: space.Member}})
		a.Tells(id, x, nil)
	}
	b.Writes(id, people.ProfileSet, people.Profile{Name: "王"})
	b.Posts(id, "都看到了")
	b.Tells(id, a, nil)
	b.Writes(id, people.ProfileSet, people.Profile{Name: "王二"})
	b.Writes(id, chat.GroupNamed, map[int]string{1: "王的组"})
	b.Posts(id, "没人看到")
	var f envelope.Feed
	for name := range b.Log.Frontier(id) {
		if name.Device == b.Sign.Public() && name.Lane == envelope.Content {
			f = name
		}
	}
	b.Shows(id, f, 3, math.MaxInt64, c)
	a.Changes(id, space.Op{Remove: &space.Remove{Person: b.Party.Person}})
	a.Tells(id, c, nil)
	b.Tells(id, c, nil)
	if diff := testspace.Differ(testspace.Tables(t, a.DB, id, false), testspace.Tables(t, c.DB, id, false)); diff != "" {
		t.Error(diff)
	}
}
