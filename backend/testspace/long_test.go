package testspace_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"roundtable/backend/chat"
	"roundtable/backend/eventlog"
	"roundtable/backend/testspace"
)

// A long history comes newest first, and whole in the end; whoever goes away in
// between goes on from what it has.
func TestLongHistory(t *testing.T) {
	o := testspace.New(t, 60)
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	var want []string
	for _, name := range []string{"li", "wang"} {
		o.Settles()
		var drafts []eventlog.Draft
		for i := range 1500 {
			want = append(want, fmt.Sprint(name, i))
			drafts = append(drafts, eventlog.Draft{Kind: chat.MessagePosted, Body: map[int]string{1: want[len(want)-1]}})
		}
		_, err := o.As(name).Log.Append(context.Background(), o.Workspace, drafts...)
		must(t, err)
	}
	o.Settles()
	o.Leaves("li")
	o.Returns("li")
	o.Admits("li", "chen")
	o.Restart("chen")
	o.Net.CloseAll()
	o.Settles()
	if got := o.As("chen").Texts(o.Workspace); !slices.Equal(got, want) {
		t.Errorf("%d of %d messages, or in another order", len(got), len(want))
	}
	o.As("chen").Posts("读完了")
	o.Eventually("li sees it", func() bool { return slices.Contains(o.As("li").Texts(o.Workspace), "读完了") })
	o.Settles()
}

// Who was let in by one whose clock runs a year ahead has unread messages too.
func TestJoinedByAClockAhead(t *testing.T) {
	o := testspace.New(t, 61)
	o.Founds("li", "远山")
	o.As("li").Clock.Set(365 * 24 * time.Hour)
	o.Admits("li", "wang")
	o.As("li").Clock.Set(0)
	o.Restart("li")
	o.Settles()
	o.As("li").Posts("在吗")
	o.Eventually("wang has it", func() bool { return slices.Contains(o.As("wang").Texts(o.Workspace), "在吗") })
	if n, _ := o.As("wang").Unread(o.Workspace); n != 1 {
		t.Errorf("%d unread", n)
	}
}
