package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/search/names"

	"roundtable/app/proof/client"
	"roundtable/app/proof/seed"
)

const (
	searchPeople = 30_000
	// searchRounds is how often each word is looked for.
	searchRounds = 5
)

// searchMany measures search over 1,000,000 messages, searchSome over 100,000. Those figures that have an aim are
// called by their name alone; beside them the size is said.
func searchMany(ctx context.Context, s *scene) error {
	return searching(ctx, s, 1_000_000, size{search: "", opened: "_1m", memory: "1m"})
}

func searchSome(ctx context.Context, s *scene) error {
	directorySearch()
	return searching(ctx, s, 100_000, size{search: "_100k", opened: "", memory: "search_100k"})
}

// size is what figures are called by.
type size struct{ search, opened, memory string }

// searching fills a conversation by the door that people write through, waits until the index has everything, and looks for words.
func searching(ctx context.Context, s *scene, n int, name size) error {
	li, workspace, err := s.found(ctx, "li")
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := seeded(ctx, li.Desk, workspace, writers, n/writers); err != nil {
		return err
	}
	figure("search_written"+name.search, float64(n)/time.Since(begin).Seconds(), "messages/s")
	for indexing := true; indexing; {
		page, err := li.Search.FindMessages(ctx, &v1.FindMessagesRequest{WorkspaceId: workspace, Text: "合同"})
		if err != nil {
			return err
		}
		if indexing = page.Indexing; indexing {
			if err := pause(ctx, time.Second); err != nil {
				return err
			}
		}
	}
	figure("search_indexed"+name.search, float64(n)/time.Since(begin).Seconds(), "messages/s")
	zh2, en := seed.Words()
	if err := look(ctx, li.Desk, workspace, "search_zh2", name.search, zh2); err != nil {
		return err
	}
	if err := look(ctx, li.Desk, workspace, "search_en", name.search, en); err != nil {
		return err
	}
	rss, err := residentMB(li.PID())
	if err != nil {
		return err
	}
	figure("rss_"+name.memory+"_mb", rss, "MB")
	var opened []time.Duration
	for range 20 {
		begin := time.Now()
		if _, err := li.Chat.Messages(ctx, &v1.MessagesRequest{ConversationId: workspace, Limit: screen}); err != nil {
			return err
		}
		opened = append(opened, time.Since(begin))
	}
	figure("space_open_ms"+name.opened, percentile(opened, 0.5), "ms")
	return nil
}

// look asks for each word some times, a page of thirty as the screen does; HTTP is in it.
func look(ctx context.Context, d *client.Desk, workspace, what, name string, words []string) error {
	var all []time.Duration
	for range searchRounds {
		for _, w := range words {
			begin := time.Now()
			page, err := d.Search.FindMessages(ctx, &v1.FindMessagesRequest{WorkspaceId: workspace, Text: w})
			if err != nil {
				return err
			}
			if len(page.Messages) == 0 {
				return fmt.Errorf("%q is not found", w)
			}
			all = append(all, time.Since(begin))
		}
	}
	figure(what+"_p99_ms"+name, percentile(all, 0.99), "ms")
	figure(what+"_p50_ms"+name, percentile(all, 0.5), "ms")
	return nil
}

// seeded writes made-up messages.
func seeded(ctx context.Context, d *client.Desk, conversation string, senders, n int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for sender := range senders {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(sender), 1))
			for i := range n {
				if err := send(ctx, d, conversation, seed.Text(r, sender*n+i)); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// directorySearch finds people among 30,000 in the index that the directory keeps, within this process.
func directorySearch() {
	var x names.Index[string]
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begin := time.Now()
	for _, p := range seed.People(searchPeople, 2000) {
		e := names.Entry{Names: []string{p.Name}, Numbers: []string{p.Number, p.Phone}, Words: []string{p.Email}, Places: []string{p.Department, p.Title}}
		if p.English != "" {
			e.Names = append(e.Names, p.English)
		}
		x.Put(p.Number, e)
	}
	figure("directory_index_ms", float64(time.Since(begin).Milliseconds()), "ms")
	runtime.GC()
	runtime.ReadMemStats(&after)
	figure("directory_index_mb", float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/(1<<20), "MB")
	var all []time.Duration
	for range 20 {
		for _, q := range seed.Questions() {
			begin := time.Now()
			x.Find(q, 50, nil)
			all = append(all, time.Since(begin))
		}
	}
	figure("directory_search_p50_ms", percentile(all, 0.5), "ms")
	figure("directory_search_p99_ms", percentile(all, 0.99), "ms")
}
