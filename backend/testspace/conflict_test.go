package testspace_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
)

// Two halves of an office go on by themselves; afterwards they agree.
func TestPartitionAndHeal(t *testing.T) {
	o := testspace.New(t, 20)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen", "zhao")
	o.SetsRole("li", "wang", space.Admin)
	o.Settles()
	o.Partition([]string{"li", "chen", "newton"}, []string{"wang", "zhao", "curie"})
	o.As("li").Posts("左边一")
	o.As("wang").Posts("右边一")
	o.Admits("chen", "newton")
	o.Admits("zhao", "curie")
	o.SetsRole("li", "chen", space.Admin)
	o.SetsRole("wang", "zhao", space.Guest)
	o.As("newton").Posts("左边新人")
	o.As("curie").Posts("右边新人")
	must(t, o.As("li").People.RenameWorkspace(context.Background(), o.Workspace, "远山科技"))
	o.Settles() // each half for itself
	o.Heal()
	o.Settles()
	for _, name := range []string{"li", "wang", "chen", "zhao", "newton", "curie"} {
		d := o.As(name)
		d.Has(o.Workspace, "li", "wang", "chen", "zhao", "newton", "curie")
		if d.Role("chen") != space.Admin || d.Role("zhao") != space.Guest {
			t.Errorf("%s: chen %d, zhao %d", name, d.Role("chen"), d.Role("zhao"))
		}
		if got := d.People.WorkspaceName(context.Background(), o.Workspace); got != "远山科技" {
			t.Errorf("%s reads the name %q", name, got)
		}
	}
}

// A removal and what its target and others do meanwhile.
func TestRemovalAcrossAPartition(t *testing.T) {
	o := testspace.New(t, 21)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.As("wang").Posts("大家都看到了")
	o.Settles()
	o.Partition([]string{"li"}, []string{"wang", "chen", "zhao"})
	o.As("wang").Posts("只有陈看到了")
	o.As("chen").Sees("大家都看到了", "只有陈看到了")
	o.Admits("wang", "zhao") // by somebody who is being removed: void
	o.Removes("li", "wang")
	o.As("li").Posts("王不在了")
	o.Heal()
	o.Eventually("chen agrees", func() bool { return slices.Equal(o.As("chen").Members(o.Workspace), []string{"chen", "li"}) })
	o.Settles()
	o.As("chen").Sees("大家都看到了", "王不在了")
	o.As("li").Sees("大家都看到了", "王不在了")
	// The target hears of it, keeps what it could read, and writes no more.
	o.As("wang").Has(o.Workspace, "chen", "li")
	o.Fails(o.As("wang").TriesToPost(o.Workspace, "还在吗"), errcode.NotMember, "wang posts")
	for _, name := range []string{"wang", "zhao"} {
		if got := o.As(name).Texts(o.Workspace); slices.Contains(got, "王不在了") {
			t.Errorf("%s reads %q", name, got)
		}
	}
	o.As("chen").Posts("继续")
	o.As("li").Sees("大家都看到了", "王不在了", "继续")
	o.Settles()
	o.Restart("li", "wang", "chen")
	o.Settles()
}

// Two administrators remove each other: the one who has been it for longer stays.
func TestMutualRemoval(t *testing.T) {
	o := testspace.New(t, 22)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen", "zhao")
	o.SetsRole("li", "wang", space.Admin)
	o.SetsRole("li", "chen", space.Admin)
	o.Settles()
	o.Partition([]string{"wang", "li"}, []string{"chen", "zhao"})
	o.Removes("wang", "chen")
	o.Removes("chen", "wang")
	o.As("wang").Posts("王留下")
	o.As("chen").Posts("陈留下")
	o.As("zhao").Sees("陈留下")
	o.Settles()
	o.Heal()
	for _, name := range []string{"li", "wang", "zhao"} {
		o.As(name).Has(o.Workspace, "li", "wang", "zhao")
	}
	o.Settles()
	o.As("zhao").Sees("王留下")
	o.As("chen").Has(o.Workspace, "li", "wang", "zhao")
	o.Fails(o.As("chen").TriesToPost(o.Workspace, "还有我"), errcode.NotMember, "chen posts")
}

// Who is let in again goes on, and reads what was written meanwhile.
func TestReadmission(t *testing.T) {
	o := testspace.New(t, 23)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.As("wang").Posts("第一次")
	o.Settles()
	o.Removes("li", "wang")
	o.As("li").Posts("王走了")
	o.As("wang").Has(o.Workspace, "li", "chen")
	o.Settles()
	o.Admits("chen", "wang")
	o.As("wang").Sees("第一次", "王走了")
	o.As("wang").Posts("第二次")
	o.As("li").Sees("第一次", "王走了", "第二次")
	o.As("chen").Sees("第一次", "王走了", "第二次")
	o.Settles()
	o.Restart("wang")
	o.As("wang").Posts("重启以后")
	o.As("li").Sees("第一次", "王走了", "第二次", "重启以后")
	o.Settles()
}

// The same with a clock that ran ahead when the first feed began.
func TestReadmissionAfterAClockRanAhead(t *testing.T) {
	o := testspace.New(t, 24)
	o.Founds("li", "远山")
	o.As("wang").Clock.Set(365 * 24 * time.Hour)
	o.Admits("li", "wang")
	o.As("wang").Posts("来自明年")
	o.Settles()
	o.As("wang").Clock.Set(0)
	o.Removes("li", "wang")
	o.Settles()
	o.Admits("li", "wang")
	o.As("wang").Posts("回到今年")
	o.Settles()
	o.Eventually("li sees it", func() bool { return slices.Contains(o.As("li").Texts(o.Workspace), "回到今年") })
}

// Somebody leaves of his own will; everybody hears of it.
func TestLeaving(t *testing.T) {
	o := testspace.New(t, 25)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	o.As("wang").Posts("再见")
	o.Removes("wang", "wang")
	o.As("li").Has(o.Workspace, "li", "chen")
	o.As("chen").Has(o.Workspace, "li", "chen")
	o.As("li").Posts("走了")
	o.As("chen").Sees("再见", "走了")
	o.Settles()
	if err := o.As("li").People.Remove(context.Background(), o.Workspace, o.As("li").Person()); !errors.Is(err, errcode.LastOwner) {
		t.Errorf("the last owner leaves: %v", err)
	}
	// While nobody is there to hear it.
	o.Partition([]string{"li"}, []string{"chen"})
	o.As("chen").Posts("我也走")
	o.Removes("chen", "chen")
	o.Restart("chen")
	o.Heal()
	o.As("chen").Board.AddKnown(o.As("li").ID(), o.As("li").Addr())
	o.As("li").Has(o.Workspace, "li")
	o.As("li").Sees("再见", "走了", "我也走")
}

// A clock that runs a year ahead drags nobody along.
func TestClockAYearAhead(t *testing.T) {
	o := testspace.New(t, 26)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.Settles()
	o.As("wang").Clock.Set(365 * 24 * time.Hour)
	o.As("wang").Posts("来自明年")
	o.As("li").Sees("来自明年")
	m := o.As("li").Message(o.Workspace, "来自明年")
	if at := time.UnixMilli(m.SentUnixMs); !m.ClockAhead || at.After(time.Now().Add(time.Minute)) {
		t.Errorf("sent %v, marked %v", at, m.ClockAhead)
	}
	o.As("li").Posts("现在")
	o.As("chen").Sees("来自明年", "现在") // an answer stands after what it answers; two who know nothing of each other, in either order
	o.As("chen").Posts("也是现在")
	o.As("chen").Sees("来自明年", "现在", "也是现在")
	o.As("li").Sees("来自明年", "现在", "也是现在")
	if n, first := o.As("chen").Unread(o.Workspace); n != 2 || first != "来自明年" {
		t.Errorf("%d unread, first %q", n, first)
	}
	o.As("chen").Reads(o.Workspace)
	if n, _ := o.As("chen").Unread(o.Workspace); n != 0 {
		t.Errorf("%d unread", n)
	}
	o.Restart("li")
	o.As("li").Sees("来自明年", "现在", "也是现在")
	o.As("wang").Clock.Set(0)
	o.Restart("wang")
	o.As("wang").Posts("修好了")
	o.Eventually("li sees it", func() bool { return slices.Contains(o.As("li").Texts(o.Workspace), "修好了") })
}

// Whoever missed a new epoch gets its key from anybody who has it.
func TestKeysFromAnyMember(t *testing.T) {
	o := testspace.New(t, 27)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen", "zhao")
	o.Settles()
	// zhao is let in again on one side while the other begins a new epoch of which
	// nobody wrapped it a key.
	o.Partition([]string{"li", "zhao"}, []string{"wang", "chen", "newton"})
	o.Admits("wang", "newton")
	o.Removes("li", "zhao")
	o.Partition([]string{"li"}, []string{"wang", "chen", "newton"}, []string{"zhao"})
	o.As("li").Posts("新的钥匙") // sealed for those whom li knows: not for newton
	o.Leaves("wang")
	o.Partition([]string{"li", "chen"}, []string{"newton"}, []string{"zhao"})
	o.As("chen").Sees("新的钥匙")
	o.Settles()
	o.Leaves("li")
	o.Partition([]string{"newton", "chen"}, []string{"zhao"})
	o.As("newton").Sees("新的钥匙")
	o.As("newton").Posts("看得到")
	o.Returns("li", "wang")
	o.Heal()
	o.Settles()
	o.As("wang").Sees("新的钥匙", "看得到")
	o.As("li").Sees("新的钥匙", "看得到")
}
