package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
	"roundtable/app/proof/seed"
)

const (
	manyGroups = 5000
	listRounds = 50
)

// conversations measures the list of somebody in 5,000 groups with a message in each: the first answer after a start, with
// what a screen shows at first and with all of them, and what one message in one of them costs from then on.
func conversations(ctx context.Context, s *scene) error {
	li, ws, err := s.found(ctx, "li")
	if err != nil {
		return err
	}
	groups, err := manyOf(ctx, li.Desk, ws)
	if err != nil {
		return err
	}
	if err := s.stop("li"); err != nil {
		return err
	}
	if li, err = s.start(ctx, "li"); err != nil {
		return err
	}
	begin := time.Now()
	first, err := li.Conversations.List(ctx, &v1.ListRequest{WorkspaceId: ws, Limit: 100})
	if err != nil {
		return err
	}
	figure("conversations_5k_ms", ms(begin), "ms")
	begin = time.Now()
	all, err := li.Conversations.List(ctx, &v1.ListRequest{WorkspaceId: ws})
	if err != nil {
		return err
	}
	if len(all.Conversations) <= manyGroups || first.Total != all.Total {
		return fmt.Errorf("%d conversations are listed", len(all.Conversations))
	}
	figure("conversations_5k_rest_ms", ms(begin), "ms") // all of them over the door
	since := all.Since
	var changes []float64
	for i := range listRounds {
		if _, err := li.Chat.Send(ctx, &v1.SendRequest{ConversationId: groups[i*97%manyGroups], Text: "好的"}); err != nil {
			return err
		}
		begin = time.Now()
		now, err := li.Conversations.List(ctx, &v1.ListRequest{WorkspaceId: ws, Since: since})
		if err != nil {
			return err
		}
		changes, since = append(changes, ms(begin)), now.Since
	}
	figure("conversations_5k_change_ms", part(changes, 50), "ms")
	return nil
}

// manyOf makes the groups, and writes into each.
func manyOf(ctx context.Context, d *client.Desk, ws string) ([]string, error) {
	names, groups := seed.Departments(manyGroups), make([]string, manyGroups)
	failed := make([]error, writers)
	var work sync.WaitGroup
	for w := range writers {
		work.Go(func() {
			for i := w; i < manyGroups && failed[w] == nil; i += writers {
				g, err := d.Chat.CreateGroup(ctx, &v1.CreateGroupRequest{WorkspaceId: ws, Name: names[i]})
				if err == nil {
					groups[i] = g.Id
					_, err = d.Chat.Send(ctx, &v1.SendRequest{ConversationId: g.Id, Text: "早上好"})
				}
				failed[w] = err
			}
		})
	}
	work.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return groups, nil
}
