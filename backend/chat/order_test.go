package chat_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"roundtable/backend/chat"
	"roundtable/backend/testspace"
)

// What people make of messages gives the same tables in whatever order it comes,
// as long as each feed is in order: also before the messages themselves.
func TestDepthInAnyOrder(t *testing.T) {
	people := []string{"li", "wang", "chen"}
	for seed := range uint64(6) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		feeds := map[string][]func(*testspace.Bench){}
		seqs := map[string]uint64{}
		stamp := 100
		for range 120 {
			who := people[rnd.IntN(3)]
			seqs[who]++
			stamp += rnd.IntN(3) - 1 // feeds' stamps may be equal, and go back
			whose := people[rnd.IntN(3)]
			target := 1 + rnd.Uint64N(seqs[whose]+2)
			kind, body := "message_posted", any(text(fmt.Sprint(who, " ", seqs[who])))
			switch rnd.IntN(10) {
			case 0:
				kind, body = "message_edited", edit(whose, target, fmt.Sprint("改 @王敏 ", stamp), "王敏")
			case 1:
				kind, body = "message_recalled", deed(whose, target)
			case 2:
				kind, body = "reaction_set", set(whose, target, []string{"👍", "🎉", "❤️"}[:rnd.IntN(4)]...)
			case 3:
				kind, body = "message_pinned", map[int]any{1: at(whose, target), 2: rnd.IntN(2) == 0}
			case 4:
				kind, body = "recall_span_set", map[int]uint64{1: rnd.Uint64N(100)}
			case 5:
				body = map[int]any{1: "@王敏 答", 2: []any{file("a.txt", nil)}, 4: at(whose, target), 5: whom("王敏")}
			case 6:
				body = replying(whose, target, fmt.Sprint("线索 ", stamp), rnd.IntN(2) == 0)
			case 7:
				kind, body = "thread_read", map[int]any{1: at(whose, target), 2: []mark{at(whose, target+1), at(who, target)}}
			case 8:
				body = recordOf(within("早", 0, 0, false), within("", 0, 0, true), within(fmt.Sprint(stamp), 0, 2, false))
			}
			line := fmt.Sprintf("W %s@1:%d %d chat.%s", who, seqs[who], stamp, kind)
			feeds[who] = append(feeds[who], func(b *testspace.Bench) { b.Takes(b.Event(line, body)) })
		}
		want := ""
		for order := range 4 {
			b := testspace.NewBench(t, chat.NewProjection(testspace.Person("li")))
			next := map[string]int{}
			for left := 120; left > 0; {
				who := people[rnd.IntN(3)]
				if order == 0 {
					who = people[(120-left)%3] // one plain order to compare with
				}
				for n := 1 + rnd.IntN(6); n > 0 && next[who] < len(feeds[who]); n-- {
					feeds[who][next[who]](b)
					next[who]++
					left--
				}
				if next[who] == len(feeds[who]) { // somebody else's turn
					for _, other := range people {
						for next[other] < len(feeds[other]) && order == 0 {
							feeds[other][next[other]](b)
							next[other]++
							left--
						}
					}
				}
			}
			got := b.Rows(tables...)
			if order == 0 {
				want = got
			} else if diff := testspace.Differ(want, got); diff != "" {
				t.Fatalf("seed %d, order %d: %s", seed, order, diff)
			}
		}
	}
}
