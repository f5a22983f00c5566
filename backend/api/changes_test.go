package api

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestChangesMergeForASlowSubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewChanges()
		got := c.Subscribe(t.Context())
		synctest.Wait()
		c.Publish("a")
		synctest.Wait() // {a} is on its way
		for i := range 100 {
			c.Publish("b", fmt.Sprint("c", i%3))
		}
		if first := <-got; !slices.Equal(first, []string{"a"}) {
			t.Errorf("first set: %v", first)
		}
		before := time.Now()
		if second := <-got; !slices.Equal(second, []string{"b", "c0", "c1", "c2"}) {
			t.Errorf("merged set: %v", second)
		}
		if waited := time.Since(before); waited != pause {
			t.Errorf("second set came after %v, want %v", waited, pause)
		}
		select {
		case more := <-got:
			t.Errorf("told twice: %v", more)
		case <-time.After(time.Second):
		}
	})
}

func TestChangesNeverGrowWithoutBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewChanges()
		got := c.Subscribe(t.Context())
		synctest.Wait()
		c.Publish("first")
		synctest.Wait()
		for i := range 3 * maxTopics {
			c.Publish(fmt.Sprint("chat:", i))
		}
		<-got
		if all := <-got; !slices.Equal(all, []string{TopicAll}) {
			t.Errorf("got %d topics", len(all))
		}
	})
}

func TestSubscriptionEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewChanges()
		ctx, cancel := context.WithCancel(t.Context())
		got := c.Subscribe(ctx)
		c.Publish("a") // nobody receives it
		cancel()
		synctest.Wait()
		for range got {
		}
		if len(c.subscribers) != 0 {
			t.Error("the subscriber is still there")
		}
		c.Publish("b")
	})
}

func TestEveryTopicArrivesUnderConcurrency(t *testing.T) {
	c := NewChanges()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	got := c.Subscribe(ctx)
	want := map[string]bool{}
	var writers sync.WaitGroup
	for w := range 8 {
		for i := range 50 {
			want[fmt.Sprint(w, ":", i)] = true
		}
		writers.Go(func() {
			for i := range 50 {
				c.Publish(fmt.Sprint(w, ":", i))
			}
		})
	}
	writers.Wait()
	for len(want) > 0 {
		topics, open := <-got
		if !open {
			t.Fatalf("%d topics never came", len(want))
		}
		for _, topic := range topics {
			delete(want, topic)
		}
	}
}
