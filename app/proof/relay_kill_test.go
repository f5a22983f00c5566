package proof

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
)

const (
	relaySenders = 3
	// backWithin is how long devices may take to be at a relay again that was away
	// for a moment. It is far more than they need: the machine may be busy.
	backWithin = 20 * time.Second
)

// said is what the people of a story were answered for, by sender.
type said struct {
	mu   sync.Mutex
	all  map[string][]sentence // by "who/round/sender"
	next int
}

// stream is senders of one person who go on until they are stopped or their
// process is gone.
type stream struct {
	stop chan struct{}
	wg   sync.WaitGroup
	keys []string
}

// begin has somebody say a lot.
func (s *said) begin(o *office, p *client.Process, who, conversation string) *stream {
	out := &stream{stop: make(chan struct{})}
	s.next++
	for i := range relaySenders {
		key := fmt.Sprintf("%s/%d/%d", who, s.next, i)
		out.keys = append(out.keys, key)
		out.wg.Go(func() {
			var mine []sentence
			for n := 0; ; n++ {
				x := sentence{text: fmt.Sprintf("%s 第 %d 句", key, n), nonce: fmt.Sprintf("%s-%d", key, n)}
				m, err := p.Chat.Send(o.ctx, &v1.SendRequest{ConversationId: conversation, Text: x.text, Nonce: x.nonce})
				if err == nil {
					x.answer = m.Id
				}
				mine = append(mine, x)
				select {
				case <-out.stop:
					err = errStopped
				case <-time.After(5 * time.Millisecond): // a load, not a flood: it is the relay that is tried here
				}
				if err != nil {
					break
				}
			}
			s.mu.Lock()
			s.all[key] = mine
			s.mu.Unlock()
		})
	}
	return out
}

var errStopped = fmt.Errorf("stopped")

// again repeats the calls that broke when somebody's process was killed.
func (s *said) again(o *office, p *client.Process, conversation string, of *stream) {
	o.Helper()
	for _, key := range of.keys {
		again(o, p, conversation, &s.all[key][len(s.all[key])-1])
	}
}

// held lists the texts whose author was told that they are at the relay.
func held(o *office, p *client.Process, conversation string) (texts []string) {
	o.Helper()
	all, err := p.All(o.ctx, conversation)
	o.must(err)
	for _, m := range all {
		if m.State == atRelay {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// has waits until somebody has all of these, each once.
func has(o *office, p *client.Process, conversation string, texts []string) {
	o.Helper()
	missing := 0
	defer func() {
		if o.ctx.Err() != nil {
			o.Logf("%d of %d are missing", missing, len(texts))
		}
	}()
	o.poll("what was at the relay comes", func() bool {
		all, err := p.All(o.ctx, conversation)
		o.must(err)
		there := map[string]int{}
		for _, m := range all {
			there[m.Text]++
		}
		missing = 0
		for _, text := range texts {
			switch n := there[text]; {
			case n == 0:
				missing++
			case n > 1:
				o.Fatalf("%q is there %d times", text, n)
			}
		}
		return missing == 0
	})
}

// TestRelayKilled: a relay ends in the middle of a stream of messages, by kill -9
// or as its operator ends it. What an author was told is at the relay, a colleague
// who was away gets from the relay when the author is gone. In the end everybody
// has everything once, each author's words in their order.
func TestRelayKilled(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*depot) error{
		"killed":  func(d *depot) error { return d.Kill() },
		"drained": func(d *depot) error { return d.Drain() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			relayEnds(t, end)
		})
	}
}

func relayEnds(t *testing.T, end func(*depot) error) {
	o := newRemote(t, "li", "wang", "chen")
	r := o.relay()
	all, workspace := o.crew([]*depot{r}, "li", "wang", "chen")
	li, wang, chen := all[0], all[1], all[2]
	stopAll(o, wang, chen)
	s := &said{all: map[string][]sentence{}}

	kept, fromLi := s.alone(o, r, li, "li", workspace, end)
	wang = o.start("wang")
	has(o, wang, workspace, kept)
	kept, fromWang := s.alone(o, r, wang, "wang", workspace, end)
	li = o.start("li")
	has(o, li, workspace, kept)
	s.again(o, li, workspace, fromLi)
	wang = o.start("wang")
	s.again(o, wang, workspace, fromWang)

	s.together(o, r, li, wang, workspace, end)
	chen = o.start("chen")
	o.says(li, workspace, "li: the end")
	o.says(wang, workspace, "wang: the end")
	var everything []string
	for _, list := range s.all {
		for _, x := range list {
			everything = append(everything, x.text)
		}
	}
	everything = append(everything, "li: the end", "wang: the end")
	orders := map[string][][]string{}
	for _, p := range []*client.Process{li, wang, chen} {
		has(o, p, workspace, everything)
		got, err := p.All(o.ctx, workspace)
		o.must(err)
		if len(got) != len(everything) {
			t.Errorf("%d messages are there, %d were said", len(got), len(everything))
		}
		for who, texts := range byAuthor(got) {
			orders[who] = append(orders[who], texts)
		}
	}
	s.inOrder(o, orders)
	for _, p := range []*client.Process{li, wang, chen} {
		o.connected(p, workspace, 1) // and nobody blames it for anything
	}
	stopAll(o, li, wang, chen)
	o.must(r.Stop())
	o.sound("li", "wang", "chen")
}

// alone has somebody talk while all others are away; the relay ends, then its
// author's process is killed, then the relay is back. It gives what the author had
// been told is at the relay.
func (s *said) alone(o *office, r *depot, p *client.Process, who, workspace string, end func(*depot) error) ([]string, *stream) {
	o.Helper()
	before := held(o, p, workspace)
	load := s.begin(o, p, who, workspace)
	o.poll("messages at the relay", func() bool { return len(held(o, p, workspace)) >= len(before)+50 })
	time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
	o.must(end(r))
	kept := held(o, p, workspace)
	o.must(p.Kill())
	load.wg.Wait()
	r.start()
	o.Logf("%s was told of %d messages that they are at the relay", who, len(kept))
	return kept, load
}

// together has two talk to each other while the relay ends and comes back.
func (s *said) together(o *office, r *depot, li, wang *client.Process, workspace string, end func(*depot) error) {
	o.Helper()
	o.connected(li, workspace, 1)
	o.connected(wang, workspace, 1)
	a, b := s.begin(o, li, "li", workspace), s.begin(o, wang, "wang", workspace)
	for range 2 {
		time.Sleep(time.Duration(300+rand.IntN(300)) * time.Millisecond)
		o.must(end(r))
		r.start()
		back := time.Now()
		o.connected(li, workspace, 1)
		o.connected(wang, workspace, 1)
		took := time.Since(back)
		if took > backWithin {
			o.Errorf("it took %v until the devices were back", took)
		}
		o.Logf("the devices were back after %v", took.Round(time.Millisecond))
	}
	for _, load := range []*stream{a, b} {
		close(load.stop)
		load.wg.Wait()
	}
}

// byAuthor gives each author's words as they stand in a conversation.
func byAuthor(all []*v1.Message) map[string][]string {
	out := map[string][]string{}
	for _, m := range all {
		out[m.PersonName] = append(out[m.PersonName], m.Text)
	}
	return out
}

// inOrder checks that each author's words stand in one order with everybody, and
// that it is the one in which each sender said them.
func (s *said) inOrder(o *office, orders map[string][][]string) {
	o.Helper()
	for who, seen := range orders {
		for _, texts := range seen[1:] {
			if !slices.Equal(texts, seen[0]) {
				o.Errorf("the words of %s are not in the same order everywhere", who)
			}
		}
		place := map[string]int{}
		for i, text := range seen[0] {
			place[text] = i
		}
		for key, list := range s.all {
			if !strings.HasPrefix(key, who+"/") {
				continue
			}
			if !slices.IsSortedFunc(list, func(a, b sentence) int { return place[a.text] - place[b.text] }) {
				o.Errorf("the words of %s are not in the order in which they were said", key)
			}
		}
	}
}
