package chat_test

import (
	"context"
	"fmt"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/testspace"
)

// BenchmarkList lists 1,000 groups: all worked out, as at a start; what changed after one message; nothing new.
func BenchmarkList(b *testing.B) {
	o := testspace.New(b, 91)
	o.Founds("li", "远山")
	li, ctx, ws := o.As("li"), context.Background(), o.Workspace.String()
	door := chat.NewConversationAPI(func() (*chat.Chat, error) { return li.Chat, nil })
	group := ""
	for i := range 1000 {
		g, err := door.CreateGroup(ctx, &v1.CreateGroupRequest{WorkspaceId: ws, Name: fmt.Sprint("g", i)})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := door.Send(ctx, &v1.SendRequest{ConversationId: g.Id, Text: "早上好"}); err != nil {
			b.Fatal(err)
		}
		group = g.Id
	}
	list := func(since string) *v1.ListResponse {
		r, err := door.List(ctx, &v1.ListRequest{WorkspaceId: ws, Since: since})
		if err != nil || r.Total < 1000 {
			b.Fatal(r, err)
		}
		return r
	}
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			li.Chat.ForgetList()
			list("")
		}
	})
	b.Run("nothing", func(b *testing.B) {
		since := list("").Since
		for b.Loop() {
			list(since)
		}
	})
	b.Run("one", func(b *testing.B) {
		since := list("").Since
		for b.Loop() {
			li.Chat.Changed("chat:"+group, "chat")
			list(since)
		}
	})
	b.Run("by itself", func(b *testing.B) {
		id := li.Chat.Log.Spaces()
		for b.Loop() {
			for _, space := range id {
				if _, err := li.Chat.One(ctx, space); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
