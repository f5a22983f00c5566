package chat_test

import (
	"context"
	"testing"

	"roundtable/backend/space"
	"roundtable/backend/testspace"
)

// TestGroupFromJoining: over links, with people who come later, leave and come back, and programs that start again.
func TestGroupFromJoining(t *testing.T) {
	o := testspace.New(t, 66)
	o.Founds("li", "青禾建筑")
	o.Admits("li", "wang", "zhao")
	l, w, z := o.As("li"), o.As("wang"), o.As("zhao")
	id := l.Group("预算", "zhao")
	z.Has(id, "li", "zhao")
	l.PostsIn(id, "去年的数字")
	z.SeesIn(id, "去年的数字")
	l.SetsHistory(id, space.HistoryFromJoining)
	l.PostsIn(id, "还没给王看")
	o.Settles()
	l.Adds(id, "wang")
	w.Has(id, "li", "wang", "zhao")
	l.PostsIn(id, "王来了")
	w.SeesIn(id, "王来了")
	z.SeesIn(id, "去年的数字", "还没给王看", "王来了")
	w.PostsIn(id, "大家好")
	o.Settles()
	if n, _ := w.Unread(id); n > 1 {
		t.Errorf("wang has %d unread", n)
	}
	if title := w.Chat.Title(context.Background(), id); title != "预算" {
		t.Errorf("wang knows the group as %q", title)
	}
	if w.Replication.Syncing(id) != 0 {
		t.Error("wang fetches for ever")
	}
	o.Restart("wang")
	w.SeesIn(id, "王来了", "大家好")
	z.PostsIn(id, "接着说")
	w.SeesIn(id, "王来了", "大家好", "接着说")
	o.Settles()
}

// TestAddedByLogAlone: who adds somebody goes away at once; another member, who has only the log, is enough.
func TestAddedByLogAlone(t *testing.T) {
	o := testspace.New(t, 67)
	o.Founds("li", "青禾建筑")
	o.Admits("li", "wang", "zhao")
	l, w, z := o.As("li"), o.As("wang"), o.As("zhao")
	id := l.Group("预算", "zhao")
	l.PostsIn(id, "以前")
	o.Settles()
	l.SetsHistory(id, space.HistoryFromJoining)
	o.Settles()
	o.Leaves("wang")
	l.Adds(id, "wang")
	l.PostsIn(id, "以后")
	z.SeesIn(id, "以前", "以后")
	o.Leaves("li")
	o.Returns("wang")
	w.SeesIn(id, "以后")
	z.PostsIn(id, "你好")
	w.SeesIn(id, "以后", "你好")
	o.Returns("li")
	o.Settles()
}
