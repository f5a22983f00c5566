package testspace_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// belongs reports whether a device takes itself for a member.
func belongs(d *testspace.Desk, id wire.SpaceID) (in bool) {
	_ = d.Log.View(id, func(s *space.State) { _, in = s.MemberOf(d.ID()) })
	return in
}

func cut(o *testspace.Office, r *testspace.Relay, d *testspace.Desk) {
	o.Eventually(d.Name+" is off the list", func() bool { return r.Lists(o.Workspace, d.ID()) == protocol.RightNone })
}

// learned: time goes by until chen knows.
func learned(o *testspace.Office) bool {
	o.Later(time.Second)
	return !belongs(o.As("chen"), o.Workspace)
}

// A removed member who is reached by a relay only learns of the removal, whatever
// happens when, and of nothing that came after it.
func TestARemovedMemberLearnsOfIt(t *testing.T) {
	for name, removal := range map[string]func(o *testspace.Office, r *testspace.Relay){
		"away, and comes back when everybody is gone": func(o *testspace.Office, r *testspace.Relay) {
			away(o, r, o.As("chen"))
			o.Removes("li", "chen")
			cut(o, r, o.As("chen"))
			after(o, "li")
			o.Leaves("li", "wang")
			r.Finds(o.As("chen"))
			o.Eventually("chen learns of it from the relay alone", func() bool { return learned(o) })
			o.Returns("li", "wang")
		},
		"not running": func(o *testspace.Office, r *testspace.Relay) {
			o.Leaves("chen")
			o.Removes("li", "chen")
			cut(o, r, o.As("chen"))
			after(o, "li")
			o.Returns("chen")
		},
		"subscribing just then": func(o *testspace.Office, r *testspace.Relay) {
			away(o, r, o.As("chen"))
			var once sync.Once
			r.Compares(o.As("chen"), func(id wire.SpaceID, answered bool) {
				if id == o.Workspace && !answered {
					once.Do(func() {
						o.Removes("li", "chen")
						cut(o, r, o.As("chen"))
					})
				}
			})
			r.Finds(o.As("chen"))
		},
		"news on their way are dropped with the list": func(o *testspace.Office, r *testspace.Relay) {
			r.Lags(o.As("chen"), true)
			o.Removes("li", "chen")
			cut(o, r, o.As("chen"))
			r.Lags(o.As("chen"), false)
		},
		"the list is cut by somebody who heard of it by a link": func(o *testspace.Office, r *testspace.Relay) {
			o.SetsRole("li", "wang", space.Admin)
			o.Eventually("wang may cut", func() bool { return r.Lists(o.Workspace, o.As("wang").ID())&protocol.RightManage != 0 })
			away(o, r, o.As("li"))
			o.Partition([]string{"li", "wang"}, []string{"chen"})
			o.Removes("li", "chen")
			cut(o, r, o.As("chen"))
			after(o, "wang")
		},
		"the list is cut before the removal is at the relay": func(o *testspace.Office, r *testspace.Relay) {
			away(o, r, o.As("li"))
			o.Removes("li", "chen")
			// What the relay holds makes no sense to li's device. That keeps nobody on the list.
			r.Lies(o.As("li"), func(x testspace.LiesTo) [][]byte { return append(x.Raws, []byte("noise")) })
			held := r.Holds(o.Workspace)
			r.Finds(o.As("li"))
			cut(o, r, o.As("chen"))
			if n := r.Holds(o.Workspace); n != held {
				t.Errorf("%d envelopes came before the cut: another story", n-held)
			}
			r.Lies(o.As("li"), nil)
		},
		"the relay's cursor ran ahead": func(o *testspace.Office, r *testspace.Relay) {
			r.Lies(o.As("chen"), func(testspace.LiesTo) [][]byte { return nil })
			o.Removes("li", "chen")
			cut(o, r, o.As("chen"))
			away(o, r, o.As("chen"))
			r.Lies(o.As("chen"), nil)
			r.Finds(o.As("chen"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, r := apart(t, 120, "wang", "chen")
			o.As("li").Posts("三个人")
			o.As("chen").Sees("三个人")
			removal(o, r)
			chen := o.As("chen")
			o.Eventually("chen learns of the removal", func() bool { return learned(o) })
			r.Finds(o.As("li"))
			after(o, "li")
			held := chen.Log.Frontier(o.Workspace)
			o.Later(time.Minute)
			last, _ := o.As("li").Log.Farewell(o.Workspace, chen.ID())
			for f, seq := range chen.Log.Frontier(o.Workspace) {
				if f.Lane == envelope.Control && seq > last[f] || seq > held[f] {
					t.Errorf("chen holds more of %s than was left to it", f.Device.Short())
				}
			}
			if got := chen.Texts(o.Workspace); !slices.Equal(got, []string{"三个人"}) {
				t.Errorf("chen reads %q", got)
			}
			o.Heal()
			o.Settles()
		})
	}
}

// after is what a removed member is not told; it waits until the relay has it.
func after(o *testspace.Office, by string) {
	o.As(by).Posts("两个人")
	for _, d := range []string{"li", "wang"} {
		o.Eventually(d+" has it", func() bool { return slices.Contains(o.As(d).Texts(o.Workspace), "两个人") })
	}
}

// An administrator who was away does not put back on the list whom others took off.
func TestWhoWasAwayUndoesNoRemoval(t *testing.T) {
	o, r := apart(t, 121, "wang", "chen")
	wang, chen := o.As("wang"), o.As("chen")
	o.SetsRole("li", "wang", space.Admin)
	o.Eventually("wang may cut", func() bool { return r.Lists(o.Workspace, wang.ID())&protocol.RightManage != 0 })
	away(o, r, wang)
	o.Removes("li", "chen")
	cut(o, r, chen)
	version := r.Version(o.Workspace)
	r.Finds(wang)
	o.Eventually("wang hears of it", func() bool {
		_, removed := wang.Log.Farewell(o.Workspace, chen.ID())
		return removed
	})
	wang.Posts("回来了")
	o.As("li").Sees("回来了")
	if n := r.Version(o.Workspace) - version; n != 0 {
		t.Errorf("the list was changed %d times", n)
	}
	o.Heal()
	o.Settles()
}

// Whoever is let in again is on the list again, and has everything.
func TestLetInAgainAtTheRelay(t *testing.T) {
	o, r := apart(t, 122, "chen")
	chen := o.As("chen")
	o.As("li").Posts("一")
	chen.Sees("一")
	away(o, r, chen)
	o.Removes("li", "chen")
	cut(o, r, chen)
	o.As("li").Posts("二")
	r.Finds(chen)
	o.Eventually("chen learns of the removal", func() bool { return learned(o) })
	o.Heal()
	o.Admits("li", "chen")
	o.Partition([]string{"li"}, []string{"chen"})
	o.As("li").Posts("三")
	chen.Sees("一", "二", "三")
	if r.Lists(o.Workspace, chen.ID()) == protocol.RightNone {
		t.Error("chen is not on the list")
	}
	o.Heal()
	o.Settles()
}

// A relay from before last words still cuts.
func TestCutAtAnOldRelay(t *testing.T) {
	o, r := apart(t, 123, "wang", "chen")
	r.Old()
	o.Removes("li", "chen")
	cut(o, r, o.As("chen"))
	after(o, "li")
	o.Heal()
	o.Settles()
}
