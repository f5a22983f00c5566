package chat_test

import (
	"context"
	"fmt"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/testspace"
)

// BenchmarkConversations lists 2,000 groups, as the screen does when it opens.
func BenchmarkConversations(b *testing.B) {
	o := testspace.New(b, 91)
	o.Founds("li", "远山")
	li, ctx, ws := o.As("li"), context.Background(), o.Workspace.String()
	door := chat.API{Get: func() (*chat.Chat, error) { return li.Chat, nil }}
	for i := range 1000 {
		g, err := door.CreateGroup(ctx, &v1.CreateGroupRequest{WorkspaceId: ws, Name: fmt.Sprint("g", i)})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := door.Send(ctx, &v1.SendRequest{ConversationId: g.Id, Text: "早上好"}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		r, err := door.Conversations(ctx, &v1.ConversationsRequest{WorkspaceId: ws})
		if err != nil || len(r.Conversations) < 1000 {
			b.Fatal(len(r.GetConversations()), err)
		}
	}
}
