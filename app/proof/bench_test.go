package proof

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/keychain"

	"roundtable/app"
	"roundtable/app/proof/client"
)

// The benchmarks run the app inside the test, for -cpuprofile and -memprofile:
// the figures are those of app/cmd/bench.

// inside opens an app in this process.
func inside(b *testing.B, folder, who string) *client.Desk {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	a, err := app.Open(ctx, app.Options{
		Profile: filepath.Join(folder, who), Log: slog.New(slog.DiscardHandler), LANAddress: "127.0.0.1:0", Keychain: keychain.NoRing{},
	})
	if err != nil {
		b.Fatal(err)
	}
	var ran sync.WaitGroup
	ran.Go(func() { _ = a.Run(ctx) })
	b.Cleanup(func() { cancel(); ran.Wait(); _ = a.Close() })
	d := client.Inside(a.API())
	if err := d.SetUp(ctx, who); err != nil {
		b.Fatal(err)
	}
	return d
}

func send(b *testing.B, d *client.Desk, conversation string, senders, n int) {
	b.Helper()
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := s; i < n; i += senders {
				if _, err := d.Chat.Send(b.Context(), &v1.SendRequest{ConversationId: conversation, Text: fmt.Sprint("第几条消息，大约像人们写的那么长 ", i)}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func founded(b *testing.B, d *client.Desk) string {
	b.Helper()
	w, err := d.People.CreateWorkspace(b.Context(), &v1.CreateWorkspaceRequest{Name: "Bench"})
	if err != nil {
		b.Fatal(err)
	}
	return w.Id
}

func BenchmarkSend(b *testing.B) {
	for _, senders := range []int{1, 8, 50} {
		b.Run(fmt.Sprint(senders), func(b *testing.B) {
			li := inside(b, b.TempDir(), "li")
			workspace := founded(b, li)
			b.ResetTimer()
			send(b, li, workspace, senders, b.N)
		})
	}
}

// BenchmarkSendLinked is Send by eight while a colleague receives it all.
func BenchmarkSendLinked(b *testing.B) {
	folder := b.TempDir()
	li, wang := inside(b, folder, "li"), inside(b, folder, "wang")
	workspace := founded(b, li)
	link, err := li.Invite(b.Context(), workspace, 1)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := wang.People.JoinByInvite(b.Context(), &v1.JoinByInviteRequest{Link: link}); err != nil {
		b.Fatal(err)
	}
	arrived(b, wang, workspace, 0)
	b.ResetTimer()
	send(b, li, workspace, 8, b.N)
	arrived(b, wang, workspace, b.N)
}

// arrived waits until somebody has n messages.
func arrived(b *testing.B, d *client.Desk, workspace string, n int) {
	b.Helper()
	for ; b.Context().Err() == nil; time.Sleep(5 * time.Millisecond) {
		page, err := d.Chat.Conversations(b.Context(), &v1.ConversationsRequest{WorkspaceId: workspace})
		if err == nil && len(page.Conversations) == 1 && int(page.Conversations[0].Unread) >= min(n, 1000) {
			last, err := d.Chat.Messages(b.Context(), &v1.MessagesRequest{ConversationId: workspace, Limit: 1})
			if err == nil && (n == 0 || len(last.Messages) == 1) && !last.HistoryIncomplete {
				return
			}
		}
	}
}
