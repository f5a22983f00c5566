package chat_test

import (
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
)

// A muted conversation counts nothing but being mentioned, and everybody's mention only
// where that was asked for; the time of it ends by itself.
func TestMutedCountsMentions(t *testing.T) {
	li, wang, _ := groupOf(t, 81)
	mute := func(until int64, everyone bool) error {
		_, err := wang.conversations().SetMuted(background, &v1.SetMutedRequest{ConversationId: wang.in.String(), UntilUnixMs: until, Everyone: everyone})
		return err
	}
	li.o.Fails(mute(5, false), errcode.InvalidArgument, "a time that is over")
	if err := mute(-1, false); err != nil {
		t.Fatal(err)
	}
	li.says(&v1.SendRequest{Text: "普通的一句"})
	wang.becomes("it counts in grey", func(v *v1.Conversation) bool { return v.Unread == 1 && v.Noticed == 0 && v.Kept.MutedUntilUnixMs == -1 })
	li.says(&v1.SendRequest{Text: "@所有人 开会", Mentions: []*v1.Mention{{Label: "所有人"}}})
	wang.becomes("everybody is not oneself", func(v *v1.Conversation) bool { return v.Unread == 2 && v.Noticed == 0 && v.MentionId == "" })
	if err := mute(-1, true); err != nil {
		t.Fatal(err)
	}
	wang.becomes("everybody counts now", func(v *v1.Conversation) bool { return v.Noticed == 1 })
	if err := mute(wang.Clock.Now().Add(time.Hour).UnixMilli(), false); err != nil {
		t.Fatal(err)
	}
	li.says(&v1.SendRequest{Text: "@wang 看一下", Mentions: []*v1.Mention{{PersonId: wang.Person().String(), Label: "wang"}}})
	wang.becomes("one's name counts", func(v *v1.Conversation) bool { return v.Noticed == 1 && v.Unread == 3 })
	wang.o.Restart("wang")
	wang.becomes("it outlives a restart", func(v *v1.Conversation) bool { return v.Kept.MutedUntilUnixMs > 0 && v.Noticed == 1 })
	wang.o.Later(2 * time.Hour)
	wang.becomes("an hour is over", func(v *v1.Conversation) bool { return v.Kept.MutedUntilUnixMs == 0 && v.Noticed == 3 })
}

// What is put away comes back when something new comes, and stays when it was read;
// what is muted as well comes back only for a mention.
func TestArchivedComesBack(t *testing.T) {
	li, wang, _ := groupOf(t, 82)
	archive := func(on bool) {
		t.Helper()
		if _, err := wang.conversations().SetArchived(background, &v1.SetArchivedRequest{ConversationId: wang.in.String(), On: on}); err != nil {
			t.Fatal(err)
		}
	}
	archived := func(v *v1.Conversation) bool { return v.Kept.Archived }
	back := func(v *v1.Conversation) bool { return !v.Kept.Archived }
	li.says(&v1.SendRequest{Text: "一"})
	wang.gets("一")
	archive(true) // unread as it is
	wang.becomes("it is put away", archived)
	li.says(&v1.SendRequest{Text: "二"})
	wang.becomes("it is back", back)
	wang.Reads(wang.in)
	wang.becomes("it stays when it is read", func(v *v1.Conversation) bool { return back(v) && v.Unread == 0 })
	archive(true)
	if _, err := wang.conversations().SetMuted(background, &v1.SetMutedRequest{ConversationId: wang.in.String(), UntilUnixMs: -1}); err != nil {
		t.Fatal(err)
	}
	li.says(&v1.SendRequest{Text: "三"})
	wang.becomes("it stays away while it is muted", func(v *v1.Conversation) bool { return v.Unread == 1 && archived(v) })
	li.says(&v1.SendRequest{Text: "@wang 四", Mentions: []*v1.Mention{{PersonId: wang.Person().String(), Label: "wang"}}})
	wang.becomes("being mentioned brings it back", back)
	archive(false)
	wang.becomes("it is taken out", back)
}

// Pinned conversations stand on top in an order of one's own.
func TestPinnedOrder(t *testing.T) {
	li, _, _ := groupOf(t, 83)
	ids := []string{li.Group("甲", "wang").String(), li.Group("乙", "wang").String(), li.Group("丙", "wang").String()}
	pin := func(n, position int, on bool) {
		t.Helper()
		if _, err := li.conversations().SetPinned(background, &v1.SetPinnedRequest{ConversationId: ids[n], On: on, Position: int32(position)}); err != nil {
			t.Fatal(err)
		}
	}
	top := func(want ...int) {
		t.Helper()
		r, err := li.API().Conversations(background, &v1.ConversationsRequest{WorkspaceId: li.o.Workspace.String()})
		if err != nil {
			t.Fatal(err)
		}
		for place, n := range want {
			if v := r.Conversations[place]; v.Id != ids[n] || v.Kept.Pinned != int32(place+1) {
				t.Fatalf("place %d holds %s (%d), want %d", place, v.Name, v.Kept.Pinned, n)
			}
		}
		if len(r.Conversations) > len(want) && r.Conversations[len(want)].Kept.Pinned != 0 {
			t.Fatalf("too many are pinned: %v", r.Conversations[len(want)].Name)
		}
	}
	pin(0, 0, true)
	pin(1, 0, true)
	pin(2, 1, true)
	top(2, 0, 1)
	pin(2, 3, true)
	top(0, 1, 2)
	pin(1, 0, false)
	top(0, 2)
	pin(1, 2, true)
	top(0, 1, 2)
	li.o.Restart("li")
	top(0, 1, 2)
}
