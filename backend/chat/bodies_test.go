package chat

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"roundtable/backend/wire"
)

// The bytes of events are for ever.
func TestBodies(t *testing.T) {
	var device wire.DeviceID
	var person wire.PersonID
	copy(device[:], "device")
	copy(person[:], "person")
	at := ref{Device: device, Start: 1_800_000_000_000, Seq: 7}
	whom := []mention{{Person: person, Label: "王敏"}, {Label: "所有人"}}
	var got strings.Builder
	for _, b := range []struct {
		name string
		body any
	}{
		{"posted, a reply that mentions", messagePosted{Text: "@王敏 @所有人 好", Reply: &at, Mentions: whom}},
		{"posted, forwarded", messagePosted{Text: "好", Forwarded: &forwarded{Person: person, Name: "王敏", At: 1_800_000_000_000}}},
		{"posted, in a thread", messagePosted{Text: "好", Thread: &threaded{Root: at, Shown: true}}},
		{"posted, a record", messagePosted{Record: &record{Entries: []entry{{Person: person, Name: "王敏", At: 1_800_000_000_000, Text: "好"}, {Person: person, Name: "王敏", Record: true}, {Person: person, Name: "王敏", Text: "里面", In: 2}}}}},
		{"thread read", threadRead{Message: at, Marks: []mark{{Device: device, Start: 1_800_000_000_000, Seq: 9}}}},
		{"edited", messageEdited{Message: at, Text: "好的"}},
		{"edited, with mentions", messageEdited{Message: at, Text: "@王敏 @所有人 好", Mentions: whom}},
		{"recalled", messageRecalled{Message: at}},
		{"reactions", reactionSet{Message: at, Emoji: []string{"👍", "❤️"}}},
		{"no reactions", reactionSet{Message: at}},
		{"pinned", messagePinned{Message: at, On: true}},
		{"pinned no more", messagePinned{Message: at}},
		{"span", recallSpanSet{Seconds: 120}},
	} {
		fmt.Fprintf(&got, "%s: %s\n", b.name, hex.EncodeToString(wire.MustEncode(b.body)))
	}
	const path = "testdata/bodies.txt"
	if os.Getenv("UPDATE_BODIES") != "" {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got.String() {
		t.Errorf("%v\n%s", err, got.String())
	}
}

func TestEmoji(t *testing.T) {
	for _, good := range []string{"👍", "❤️", "👍🏽", "👨‍👩‍👧‍👦", "🇨🇳", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#️⃣", "‼️", "㊗️", "©️", "↔️", "☑️", "🫡"} {
		if !validEmoji(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{"", "a", "好", "1", "👍a", "👍 ", "\u202e👍", "\u200d", "\ufe0f", strings.Repeat("👍", 9), "\xff", "👍\n", "<b>"} {
		if validEmoji(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}

func FuzzEmoji(f *testing.F) {
	f.Add("👍🏽")
	f.Add(">")
	f.Fuzz(func(t *testing.T, text string) {
		if validEmoji(text) && (len(text) > maxEmoji || strings.ContainsAny(text, " \n<>&\"'")) {
			t.Errorf("%q is taken", text)
		}
	})
}
