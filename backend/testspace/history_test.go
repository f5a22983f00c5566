package testspace_test

import (
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/space"
)

// TestComesInOverTheRelayAlone: somebody is let in while away, by somebody who is away when they return; nobody else is
// there. What the relay holds is enough, with history from joining on and without.
func TestComesInOverTheRelayAlone(t *testing.T) {
	for _, joining := range []bool{true, false} {
		o, _ := apart(t, 166, "wang", "chen")
		li, wang, chen := o.As("li"), o.As("wang"), o.As("chen")
		id := wang.Group("周报", "li")
		wang.PostsIn(id, "上一周")
		li.SeesIn(id, "上一周")
		want := []string{"上一周", "这一周"}
		if joining {
			wang.SetsHistory(id, space.HistoryFromJoining)
			want = want[1:]
		}
		o.Leaves("chen")
		wang.Adds(id, "chen")
		wang.PostsIn(id, "这一周")
		li.SeesIn(id, "上一周", "这一周")
		o.Leaves("wang", "li")
		o.Returns("chen")
		chen.SeesIn(id, want...)
		chen.PostsIn(id, "看到了")
		chen.Delivery(id, "看到了", v1.DeliveryState_DELIVERY_STATE_AT_RELAY)
		o.Leaves("chen")
		o.Returns("wang")
		wang.SeesIn(id, "上一周", "这一周", "看到了")
		o.Returns("li", "chen")
		o.Heal()
		o.Settles()
	}
}
