package testspace_test

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/replication/relaying"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// apart founds a workspace that names a relay and cuts all links.
func apart(t *testing.T, seed uint64, names ...string) (*testspace.Office, *testspace.Relay) {
	o := testspace.New(t, seed)
	o.Founds("li", "远山")
	o.Admits("li", names...)
	o.Settles()
	r := o.Relay("relay.example")
	o.NamesRelays("li", r)
	o.Settles()
	groups := [][]string{{"li"}}
	for _, n := range names {
		groups = append(groups, []string{n})
	}
	o.Partition(groups...)
	return o, r
}

// Who has no link has the relay: messages, receipts, and history for who was away.
func TestOverTheRelayAlone(t *testing.T) {
	o, r := apart(t, 100, "wang", "chen")
	o.Leaves("chen")
	o.As("li").Posts("你好")
	o.As("wang").Sees("你好")
	o.As("li").Delivery(o.Workspace, "你好", v1.DeliveryState_DELIVERY_STATE_DELIVERED)
	o.As("wang").Posts("收到")
	o.As("li").Sees("你好", "收到")
	o.As("wang").Reads(o.Workspace)
	o.As("li").Delivery(o.Workspace, "你好", v1.DeliveryState_DELIVERY_STATE_READ)
	// Everybody leaves; who comes back finds what was kept.
	o.Leaves("wang")
	o.As("li").Posts("还有谁")
	o.As("li").Delivery(o.Workspace, "还有谁", v1.DeliveryState_DELIVERY_STATE_AT_RELAY)
	o.Leaves("li")
	o.Returns("chen")
	o.As("chen").Sees("你好", "收到", "还有谁")
	if r.Holds(o.Workspace) == 0 {
		t.Error("the relay holds nothing")
	}
	o.Returns("li", "wang")
	o.Heal()
	o.Settles()
}

// A space that was begun while its member was away, by somebody who is away now.
func TestLetInWhileAway(t *testing.T) {
	o, _ := apart(t, 101, "wang", "chen")
	o.Leaves("chen")
	id := o.As("wang").Group("周报", "chen")
	o.As("wang").PostsIn(id, "第一周")
	o.As("wang").Delivery(id, "第一周", v1.DeliveryState_DELIVERY_STATE_AT_RELAY)
	direct := o.As("wang").Direct("chen")
	o.As("wang").PostsIn(direct, "悄悄话")
	o.As("wang").Delivery(direct, "悄悄话", v1.DeliveryState_DELIVERY_STATE_AT_RELAY)
	o.Leaves("wang")
	o.Returns("chen")
	o.As("chen").SeesIn(id, "第一周")
	o.As("chen").SeesIn(direct, "悄悄话")
	o.As("chen").PostsIn(direct, "嗯")
	o.Returns("wang")
	o.As("wang").SeesIn(direct, "悄悄话", "嗯")
	if o.As("li").Log.Knows(id) || o.As("li").Log.Knows(direct) {
		t.Error("li holds what is not li's")
	}
	o.Heal()
	o.Settles()
}

// A removed member is off the list at once and gets nothing that comes after.
func TestRemovedAtTheRelay(t *testing.T) {
	o, r := apart(t, 102, "wang", "chen")
	o.As("li").Posts("三个人")
	o.As("chen").Sees("三个人")
	o.Removes("li", "chen")
	o.Eventually("chen is off the list", func() bool { return r.Lists(o.Workspace, o.As("chen").ID()) == protocol.RightNone })
	o.As("li").Posts("两个人")
	o.As("wang").Sees("三个人", "两个人")
	if slices.Contains(o.As("chen").Texts(o.Workspace), "两个人") {
		t.Error("a removed member reads on")
	}
	o.Heal()
	o.Settles()
}

// Two relays: one dies, the other goes on; a new one is filled; one that lost all is filled again.
func TestRelaysComeAndGo(t *testing.T) {
	o, first := apart(t, 103, "wang")
	o.As("li").Posts("一")
	o.As("wang").Sees("一")
	o.Heal()
	second := o.Relay("other.example")
	o.NamesRelays("li", second)
	o.Settles()
	o.Partition([]string{"li"}, []string{"wang"})
	o.Eventually("the second is filled", func() bool { return second.Holds(o.Workspace) >= first.Holds(o.Workspace) })
	first.Dies()
	o.As("li").Posts("二")
	o.As("wang").Sees("一", "二")
	first.Lives(true)
	o.Eventually("the first is filled again", func() bool { return first.Holds(o.Workspace) >= second.Holds(o.Workspace) })
	// Each reaches another one of them only.
	first.Loses(o.As("li"))
	second.Loses(o.As("wang"))
	o.As("li").Posts("三")
	second.Finds(o.As("wang"))
	o.As("wang").Sees("一", "二", "三")
	// Taken off the list, it is left alone.
	id := second.Address.ID()
	must(t, o.As("li").People.RemoveRelay(context.Background(), o.Workspace, id))
	first.Finds(o.As("li"))
	held := second.Holds(o.Workspace)
	o.As("li").Posts("四")
	o.As("wang").Sees("一", "二", "三", "四")
	if n := second.Holds(o.Workspace); n > held+2 { // the removal itself may still have gone there
		t.Errorf("%d envelopes at a relay that was taken off", n-held)
	}
	o.Heal()
	o.Settles()
}

func TestTypingOverTheRelay(t *testing.T) {
	o, _ := apart(t, 104, "wang")
	o.Heal()
	id := o.As("li").Direct("wang")
	o.As("wang").Has(id, "li", "wang")
	o.As("li").PostsIn(id, "在吗")
	o.As("wang").SeesIn(id, "在吗")
	o.Partition([]string{"li"}, []string{"wang"})
	o.As("li").PostsIn(id, "?")
	o.As("wang").SeesIn(id, "在吗", "?")
	o.Eventually("wang sees li typing", func() bool {
		must(t, o.As("li").Chat.SetTyping(id))
		return len(o.As("wang").Typing(id)) == 1
	})
	o.Heal()
	o.Settles()
}

// A hostile relay: nothing forged is taken, nothing is taken twice, and what is
// kept back or comes in bits is found out and said.
func TestHostileRelay(t *testing.T) {
	for name, c := range map[string]struct {
		lies  func(testspace.LiesTo) [][]byte
		blame relaying.Fault
	}{
		"reorders":         {func(x testspace.LiesTo) [][]byte { slices.Reverse(x.Raws); return x.Raws }, ""},
		"replays":          {func(x testspace.LiesTo) [][]byte { return append(x.Raws, x.Raws...) }, ""},
		"forges a body":    {func(x testspace.LiesTo) [][]byte { return changed(x.Raws, 150) }, relaying.FaultForged},
		"forges an author": {func(x testspace.LiesTo) [][]byte { return changed(x.Raws, 40) }, relaying.FaultForged},
		"another space":    {func(x testspace.LiesTo) [][]byte { return changed(x.Raws, 5) }, relaying.FaultForged},
		"hands out noise":  {func(x testspace.LiesTo) [][]byte { return append(x.Raws, []byte("noise")) }, relaying.FaultForged},
		"drops": {func(x testspace.LiesTo) [][]byte {
			return slices.DeleteFunc(x.Raws, func(raw []byte) bool { return raw[1] == 1 && raw[len(raw)-1]%2 == 0 })
		}, relaying.FaultWithholds},
		"drops all": {func(testspace.LiesTo) [][]byte { return nil }, relaying.FaultWithholds},
	} {
		t.Run(name, func(t *testing.T) {
			o, r := apart(t, 110, "wang")
			wang := o.As("wang")
			r.Lies(wang, c.lies)
			texts := []string{"一", "二", "三", "四", "五", "六"}
			o.As("li").Posts(texts...)
			if c.blame == "" {
				wang.Sees(texts...)
			} else {
				o.Eventually("wang's device says what the relay does", func() bool {
					o.Later(time.Second)
					return wang.Relaying.Fault(r.Address.ID()) == c.blame
				})
				if got := wang.Texts(o.Workspace); !subsequence(got, texts) {
					t.Errorf("%q came out of it", got)
				}
			}
			// Honest again, or by a link: nothing is lost.
			r.Lies(wang, nil)
			o.Heal()
			wang.Sees(texts...)
			o.Settles()
		})
	}
}

// A relay that shows each an end of its own is found out by what authors tell.
func TestRelaySplitsViews(t *testing.T) {
	o, r := apart(t, 111, "wang", "chen")
	wang := o.As("wang")
	o.As("li").Posts("都看到")
	wang.Sees("都看到")
	r.Hides(wang)
	o.As("li").Posts("王看不到")
	o.As("chen").Sees("都看到", "王看不到")
	o.Eventually("wang's device says so", func() bool {
		o.Later(time.Second)
		return wang.Relaying.Fault(r.Address.ID()) == relaying.FaultWithholds
	})
	wang.Sees("都看到")
	o.Heal()
	wang.Sees("都看到", "王看不到")
	o.Settles()
}

// away cuts a device off from the relay and waits until it has noticed.
func away(o *testspace.Office, r *testspace.Relay, d *testspace.Desk) {
	r.Loses(d)
	o.Eventually(d.Name+" is away", func() bool { return len(d.Relaying.Sessions(o.Workspace)) == 0 })
}

// What is written between the relay's answer and its reading is not taken for stored.
func TestWrittenWhileComparing(t *testing.T) {
	o, r := apart(t, 110, "wang")
	li := o.As("li")
	li.Posts("早")
	o.As("wang").Sees("早")
	away(o, r, li)
	var once sync.Once
	r.Compares(li, func(id wire.SpaceID, answered bool) {
		if id == o.Workspace && answered {
			once.Do(func() { li.Posts("正当这时") })
		}
	})
	r.Finds(li)
	o.As("wang").Sees("早", "正当这时")
	o.Heal()
	o.Settles()
}

// A relay that is given more while a device reads does not withhold it.
func TestBusyWhileComparing(t *testing.T) {
	o, r := apart(t, 111, "wang")
	li, wang := o.As("li"), o.As("wang")
	away(o, r, wang)
	left := []string{"一", "二", "三"}
	r.Compares(wang, func(id wire.SpaceID, answered bool) {
		if id != o.Workspace || answered || len(left) == 0 {
			return
		}
		before := r.Holds(id)
		li.Posts(left[0])
		left = left[1:]
		o.Eventually("the relay has it", func() bool { return r.Holds(id) > before })
	})
	r.Finds(wang)
	o.Eventually("wang has it", func() bool { return len(wang.Texts(o.Workspace)) > 0 })
	wang.Posts("收到") // goes out when wang's device has compared
	o.Eventually("li has the answer", func() bool { return slices.Contains(li.Texts(o.Workspace), "收到") })
	if f := wang.Relaying.Fault(r.Address.ID()); f != "" {
		t.Errorf("the relay is blamed: %s", f)
	}
	o.Heal()
	o.Settles()
}

func changed(raws [][]byte, at int) [][]byte {
	out := slices.Clone(raws)
	if len(out) > 0 && len(out[0]) > at {
		out[0] = bytes.Clone(out[0])
		out[0][at] ^= 1
	}
	return out
}

func subsequence(got, of []string) bool {
	for _, g := range got {
		i := slices.Index(of, g)
		if i < 0 {
			return false
		}
		of = of[i+1:]
	}
	return true
}
