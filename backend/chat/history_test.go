package chat_test

import (
	"context"
	"errors"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
)

func door(d *testspace.Desk) chat.ConversationAPI {
	return chat.NewConversationAPI(func() (*chat.Chat, error) { return d.Chat, nil })
}

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
	if got, err := door(l).SetHistory(context.Background(), &v1.SetHistoryRequest{ConversationId: id.String(), FromJoining: true}); err != nil || !got.History.FromJoining || !got.History.CanSet || got.History.IsLimited || got.History.SetByName != "li" {
		t.Errorf("li sets it: %v, %v", got.GetHistory(), err)
	}
	l.PostsIn(id, "还没给王看")
	o.Settles()
	if _, err := door(z).SetHistory(context.Background(), &v1.SetHistoryRequest{ConversationId: id.String()}); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("a member sets it back: %v", err)
	}
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
	if all, err := w.API().Conversations(context.Background(), &v1.ConversationsRequest{WorkspaceId: o.Workspace.String()}); err != nil {
		t.Error(err)
	} else {
		for _, v := range all.Conversations {
			if v.Id == id.String() && (!v.History.IsLimited || v.History.CanSet || v.History.JoinedUnixMs == 0) {
				t.Errorf("wang's view: %v", v.History)
			}
		}
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
