package circles_test

import (
	"testing"

	"roundtable/backend/space"
	"roundtable/backend/testspace"
)

// TestPartnersFromJoining: a partner who comes by a link learns who is in the circle and what it is called, and reads
// nothing of before; the next partner, let in by the first, likewise.
func TestPartnersFromJoining(t *testing.T) {
	o, theirs := town(t, 76)
	li, wang, gu := o.As("li"), o.As("wang"), o.As("gu")
	id := li.BeginsCircle(o.Workspace, "采购协作圈", "wang")
	li.PostsIn(id, "我们的底价")
	wang.SeesIn(id, "我们的底价")
	li.SetsHistory(id, space.HistoryFromJoining)
	gu.JoinsCircle(li.CircleLink(id, "", 9).Link, theirs)
	gu.PostsIn(id, "顾明来了")
	li.SeesIn(id, "我们的底价", "顾明来了")
	wang.SeesIn(id, "我们的底价", "顾明来了")
	gu.SeesIn(id, "顾明来了")
	sees(o, "gu", id, "li is external", comes(li, "青禾建筑", true))
	sees(o, "gu", id, "wang is external", comes(wang, "青禾建筑", true))
	if v := listed(t, gu, theirs, id); v == nil || v.Name != "采购协作圈" || v.Unread != 0 {
		t.Errorf("in gu's list: %v", v)
	}
	o.Settles()
	ren := o.As("ren")
	ren.JoinsCircle(gu.CircleLink(id, "", 1).Link, theirs)
	wang.PostsIn(id, "人齐了")
	ren.SeesIn(id, "人齐了")
	gu.SeesIn(id, "顾明来了", "人齐了")
	sees(o, "ren", id, "li is external", comes(li, "青禾建筑", true))
	sees(o, "ren", id, "gu is a colleague", comes(gu, "临江家具", false))
	for _, d := range []*testspace.Desk{gu, ren} {
		secret, ok := d.Log.Secret(id, "roundtable nearby v1")
		if ours, _ := li.Log.Secret(id, "roundtable nearby v1"); !ok || secret != ours {
			t.Errorf("%s cannot be found nearby", d.Name)
		}
	}
	o.Settles()
}
