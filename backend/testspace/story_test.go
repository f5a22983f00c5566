package testspace_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/testspace"
)

const (
	waiting   = v1.DeliveryState_DELIVERY_STATE_WAITING
	delivered = v1.DeliveryState_DELIVERY_STATE_DELIVERED
	read      = v1.DeliveryState_DELIVERY_STATE_READ
)

func TestThreeTalk(t *testing.T) {
	o := testspace.New(t, 1)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.As("li").Posts("早")
	o.As("wang").Sees("早")
	o.As("wang").Posts("早上好")
	o.As("chen").Sees("早", "早上好")
	o.As("chen").Posts("大家好")
	o.Settles()
	o.Restart("wang")
	o.Settles()
	o.As("wang").Sees("早", "早上好", "大家好")
	o.As("wang").Posts("回来了")
	o.As("li").Sees("早", "早上好", "大家好", "回来了")
	o.Settles()
}

// Somebody who comes late reads everything, from whoever is there.
func TestLateJoinerReadsAllWhileTheInviterIsDown(t *testing.T) {
	o := testspace.New(t, 2)
	o.Founds("li", "远山")
	o.As("li").Posts("一", "二")
	o.Admits("li", "wang")
	link, _ := o.As("li").Invites(1, time.Hour)
	o.As("wang").Posts("三")
	o.Settles()
	o.Leaves("li")
	o.As("chen").Joins(link)
	o.As("chen").Sees("一", "二", "三")
	o.As("chen").Posts("四")
	o.As("wang").Sees("一", "二", "三", "四")
	o.Returns("li")
	o.As("li").Sees("一", "二", "三", "四")
	o.Settles()
	if n, _ := o.As("chen").Unread(o.Workspace); n != 0 {
		t.Errorf("%d unread: what was written before somebody joined counts as read", n)
	}
}

// A message that was written before ours and arrives after we have read is unread.
func TestLateMessagesAreUnread(t *testing.T) {
	o := testspace.New(t, 3)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	o.Partition([]string{"li", "wang"}, []string{"chen"})
	o.As("chen").Clock.Set(-time.Second) // within one millisecond either may stand first
	o.As("chen").Posts("从火车上")
	o.As("li").Posts("开会")
	o.As("wang").Sees("开会")
	o.As("wang").Reads(o.Workspace)
	o.Heal()
	o.As("wang").Sees("从火车上", "开会")
	if n, first := o.As("wang").Unread(o.Workspace); n != 1 || first != "从火车上" {
		t.Errorf("%d unread, first %q", n, first)
	}
	o.As("wang").Reads(o.Workspace)
	if n, _ := o.As("wang").Unread(o.Workspace); n != 0 {
		t.Errorf("%d unread after reading", n)
	}
	o.Settles()
}

// Waiting, delivered, read: each is said when it is true and not before.
func TestDelivery(t *testing.T) {
	o := testspace.New(t, 4)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	li := o.As("li")
	o.Partition([]string{"li"}, []string{"wang", "chen"})
	li.Posts("在吗")
	time.Sleep(50 * time.Millisecond)
	if m := li.Message(o.Workspace, "在吗"); m.State != waiting || m.DeliveredCount != 0 || m.OtherCount != 2 {
		t.Errorf("while cut off: %v", m)
	}
	o.Partition([]string{"li", "wang"}, []string{"chen"})
	o.Settles()
	li.Delivery(o.Workspace, "在吗", delivered)
	if m := li.Message(o.Workspace, "在吗"); m.DeliveredCount != 1 || m.ReadCount != 0 {
		t.Errorf("wang has it: %v", m)
	}
	o.As("wang").Reads(o.Workspace)
	li.Delivery(o.Workspace, "在吗", read)
	o.Heal()
	o.Settles()
	o.Eventually("chen has it", func() bool {
		m := li.Message(o.Workspace, "在吗")
		return m.DeliveredCount == 2 && m.ReadCount == 1
	})
	o.Restart("li")
	if m := o.As("li").Message(o.Workspace, "在吗"); m.State != read || m.DeliveredCount != 2 {
		t.Errorf("after a restart: %v", m)
	}
	// Who keeps it to himself has read it all the same.
	o.As("chen").Quietly()
	o.As("chen").Reads(o.Workspace)
	if n, _ := o.As("chen").Unread(o.Workspace); n != 0 {
		t.Errorf("%d unread", n)
	}
	o.Settles()
	if m := o.As("li").Message(o.Workspace, "在吗"); m.ReadCount != 1 {
		t.Errorf("chen's reading was told: %v", m)
	}
}

// What goes from one to another by a third counts as delivered to it.
func TestCarriedByAThird(t *testing.T) {
	o := testspace.New(t, 5)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	o.Partition([]string{"li", "wang"}, []string{"chen"})
	o.As("li").Posts("带给陈")
	o.As("wang").Sees("带给陈")
	o.Partition([]string{"li"}, []string{"wang", "chen"})
	o.Settles()
	o.As("chen").Sees("带给陈")
	o.As("chen").Posts("收到")
	o.Settles()
	o.Partition([]string{"li", "wang"}, []string{"chen"})
	o.Settles()
	o.As("li").Sees("带给陈", "收到")
	o.Heal()
	o.Settles()
	o.Eventually("both have it", func() bool { return o.As("li").Message(o.Workspace, "带给陈").DeliveredCount == 2 })
}

func TestDirect(t *testing.T) {
	o := testspace.New(t, 6)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	id := o.As("wang").Direct("chen")
	o.As("wang").PostsIn(id, "悄悄话")
	o.As("chen").SeesIn(id, "悄悄话")
	if o.As("chen").Direct("wang") != id {
		t.Error("two people, two conversations")
	}
	o.As("chen").PostsIn(id, "嗯")
	o.As("wang").SeesIn(id, "悄悄话", "嗯")
	o.Settles()
	if o.As("li").Log.Knows(id) {
		t.Error("li holds what two others say to each other")
	}
	// Both begin at once, cut off from each other: it is one conversation.
	o.Partition([]string{"li"}, []string{"wang", "chen"})
	a, b := o.As("li").Direct("wang"), o.As("wang").Direct("li")
	o.As("li").PostsIn(a, "李说")
	time.Sleep(2 * time.Millisecond) // within one millisecond either may stand first
	o.As("wang").PostsIn(b, "王说")
	o.Heal()
	o.Settles()
	o.As("li").SeesIn(a, "李说", "王说")
	o.As("wang").SeesIn(a, "李说", "王说")
}

// What is written the moment a conversation begins arrives, though it overtakes
// what makes the others belong to it.
func TestFirstWordsArrive(t *testing.T) {
	o := testspace.New(t, 9)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	for i := range 25 {
		id := o.As("li").Group(fmt.Sprint("组", i), "wang", "chen")
		o.As("li").PostsIn(id, "第一句")
		o.As("wang").SeesIn(id, "第一句")
		o.As("chen").SeesIn(id, "第一句")
	}
	o.Settles()
}

func TestGroups(t *testing.T) {
	o := testspace.New(t, 7)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen", "zhao")
	o.Settles()
	id := o.As("wang").Group("周报", "chen")
	o.As("wang").PostsIn(id, "第一周")
	o.As("chen").SeesIn(id, "第一周")
	o.As("chen").Adds(id, "zhao")
	o.As("zhao").SeesIn(id, "第一周")
	o.As("wang").Has(id, "wang", "chen", "zhao")
	o.Settles()

	must(t, o.As("zhao").Chat.LeaveGroup(context.Background(), id))
	o.As("wang").Has(id, "wang", "chen")
	o.As("chen").Has(id, "wang", "chen")
	o.As("wang").PostsIn(id, "赵走了")
	o.As("chen").SeesIn(id, "第一周", "赵走了")
	o.Settles()
	o.As("zhao").SeesIn(id, "第一周")

	// Let in again, it reads what it missed and writes on.
	o.As("wang").Adds(id, "zhao")
	o.As("zhao").SeesIn(id, "第一周", "赵走了")
	o.As("zhao").PostsIn(id, "又来了")
	o.As("chen").SeesIn(id, "第一周", "赵走了", "又来了")
	o.Settles()

	// Who leaves the workspace leaves its groups.
	o.Removes("li", "zhao")
	o.As("wang").Has(id, "wang", "chen")
	o.As("wang").PostsIn(id, "少一个人")
	o.As("chen").SeesIn(id, "第一周", "赵走了", "又来了", "少一个人")
	o.Settles()
	if slices.Contains(o.As("zhao").Texts(id), "少一个人") {
		t.Error("a former colleague reads on")
	}
	if o.As("li").Log.Knows(id) {
		t.Error("li holds a group he is not in")
	}
}

func TestTyping(t *testing.T) {
	o := testspace.New(t, 8)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	id := o.As("li").Direct("wang")
	o.As("wang").Has(id, "li", "wang")
	o.Settles()
	says := func(name string) {
		must(t, o.As(name).Chat.SetTyping(id))
	}
	says("li")
	o.Eventually("wang sees li typing", func() bool { return slices.Equal(o.As("wang").Typing(id), []string{"li"}) })
	if got := o.As("chen").Typing(id); len(got) > 0 {
		t.Errorf("chen sees %v typing to somebody else", got)
	}
	o.As("li").PostsIn(id, "写完了")
	o.As("wang").SeesIn(id, "写完了")
	o.Eventually("li has stopped", func() bool { return len(o.As("wang").Typing(id)) == 0 })
	says("li")
	o.Eventually("again", func() bool { return len(o.As("wang").Typing(id)) == 1 })
	o.As("wang").Clock.Move(7 * time.Second)
	if got := o.As("wang").Typing(id); len(got) > 0 {
		t.Errorf("%v types for ever", got)
	}
	o.As("wang").Clock.Set(0)
	o.As("li").Quietly()
	says("li")
	time.Sleep(30 * time.Millisecond)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
