package proof

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
)

// sentence is a message that somebody was told is safe, or may be.
type sentence struct {
	text   string
	nonce  string
	answer string // ID that Send gave, "" when the call broke
}

// TestKilled: kill -9 at a random moment in a stream of sends. Whatever Send
// answered for is there after the next start, in the order of its sender; a call
// that broke has left one message or none, and made again with its nonce it leaves one.
func TestKilled(t *testing.T) {
	times := 50
	if testing.Short() {
		times = 5
	}
	const senders = 4
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	o := officeFor(t, 3*time.Minute) // 51 starts, one after another
	p, workspace := o.founder("li")
	var all [senders][]sentence
	for round := range times {
		var wg sync.WaitGroup
		for s := range senders {
			wg.Go(func() { all[s] = append(all[s], talk(o, p, workspace, fmt.Sprintf("%d/%d", round, s))...) })
		}
		time.Sleep(time.Duration(random.IntN(250)) * time.Millisecond)
		o.must(p.Kill())
		wg.Wait()
		if round%10 == 9 || testing.Short() {
			o.sound("li")
		}
		p = o.start("li")
		for s := range all {
			again(o, p, workspace, &all[s][len(all[s])-1])
		}
	}
	o.says(p, workspace, "the end")
	got, err := p.All(o.ctx, workspace)
	o.must(err)
	kept := present(o, got, all[:])
	t.Logf("%d rounds, %d messages were answered for, %d are there", times, kept, len(got))
	o.must(p.Stop())
	o.sound("li")
}

// talk sends until the process is gone.
func talk(o *office, p *client.Process, conversation, who string) (out []sentence) {
	for i := 0; ; i++ {
		s := sentence{text: fmt.Sprintf("%s 第 %d 句", who, i), nonce: fmt.Sprintf("%s-%d", who, i)}
		m, err := p.Chat.Send(o.ctx, &v1.SendRequest{ConversationId: conversation, Text: s.text, Nonce: s.nonce})
		if err == nil {
			s.answer = m.Id
		}
		out = append(out, s)
		if err != nil {
			return out
		}
	}
}

// again makes the call that broke once more.
func again(o *office, p *client.Process, conversation string, s *sentence) {
	o.Helper()
	m, err := p.Chat.Send(o.ctx, &v1.SendRequest{ConversationId: conversation, Text: s.text, Nonce: s.nonce})
	o.must(err)
	s.answer = m.Id
}

// present checks that what was answered for is there once, under the ID that
// was given, and counts it.
func present(o *office, got []*v1.Message, all [][]sentence) (kept int) {
	o.Helper()
	at := map[string][]*v1.Message{}
	for _, m := range got {
		at[m.Text] = append(at[m.Text], m)
	}
	for _, said := range all {
		for _, s := range said {
			there := at[s.text]
			switch {
			case len(there) > 1:
				o.Errorf("%q is there %d times", s.text, len(there))
			case s.answer == "":
			case len(there) == 0:
				o.Errorf("%q was answered for and is lost", s.text)
			case there[0].Id != s.answer:
				o.Errorf("%q was %s and is %s", s.text, s.answer, there[0].Id)
			default:
				kept++
			}
		}
	}
	return kept
}
