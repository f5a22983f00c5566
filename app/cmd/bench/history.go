package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
)

const (
	messages = 100_000
	writers  = 50
	starts   = 5
	screen   = 50
)

// history measures a workspace with many messages: who joins it, and starting with it.
func history(ctx context.Context, s *scene) error {
	li, workspace, err := s.found(ctx, "li")
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := send(ctx, li.Desk, workspace, "第一条"); err != nil {
		return err
	}
	if err := flood(ctx, li.Desk, workspace, writers, messages/writers); err != nil {
		return err
	}
	if err := send(ctx, li.Desk, workspace, "最后一条"); err != nil {
		return err
	}
	figure("history_written", messages/time.Since(begin).Seconds(), "messages/s")
	if err := pause(ctx, settleTime); err != nil {
		return err
	}
	late, err := s.newcomer(ctx, "late")
	if err != nil {
		return err
	}
	if err := joinLate(ctx, li, late, workspace); err != nil {
		return err
	}
	if err := memory(ctx, li, late); err != nil {
		return err
	}
	if err := s.stop("late"); err != nil {
		return err
	}
	return startAgain(ctx, s)
}

// joinLate: from the click on Join until the newest messages, and until all of
// them, are projected at the newcomer.
func joinLate(ctx context.Context, li, late *client.Process, workspace string) error {
	link, err := li.Invite(ctx, workspace, 1)
	if err != nil {
		return err
	}
	begin := time.Now()
	if _, err := late.People.JoinByInvite(ctx, &v1.JoinByInviteRequest{Link: link}); err != nil {
		return fmt.Errorf("join: %w", err)
	}
	err = late.Until(ctx, func(ctx context.Context) (bool, error) {
		page, err := late.Chat.Messages(ctx, &v1.MessagesRequest{ConversationId: workspace, Limit: screen})
		return err == nil && len(page.Messages) == screen && page.Messages[screen-1].Text == "最后一条", nil
	})
	if err != nil {
		return err
	}
	figure("history_first_screen", time.Since(begin).Seconds(), "s")
	for whole := false; !whole; {
		if err := pause(ctx, 25*time.Millisecond); err != nil {
			return err
		}
		// The cursor before everything: the page of the oldest messages.
		page, err := late.Chat.Messages(ctx, &v1.MessagesRequest{ConversationId: workspace, After: "m0.0.0", Limit: 1})
		if err != nil {
			return err
		}
		whole = !page.HistoryIncomplete && page.Messages[0].Text == "第一条"
	}
	figure("history_100k_join", time.Since(begin).Seconds(), "s")
	all, err := late.All(ctx, workspace)
	if err == nil && len(all) != messages+2 {
		err = fmt.Errorf("%d messages arrived of %d", len(all), messages+2)
	}
	return err
}

// memory after the join, of both sides.
func memory(ctx context.Context, all ...*client.Process) error {
	if err := pause(ctx, 2*settleTime); err != nil {
		return err
	}
	var now, most float64
	for _, p := range all {
		rss, err := residentMB(p.PID())
		if err != nil {
			return err
		}
		peak, err := peakMB(p.PID())
		if err != nil {
			return err
		}
		now, most = max(now, rss), max(most, peak)
	}
	figure("rss_100k_mb", now, "MB")
	figure("rss_100k_peak_mb", most, "MB")
	return nil
}

// startAgain: from starting the process until its API says that it is ready.
func startAgain(ctx context.Context, s *scene) error {
	var all []time.Duration
	for range starts {
		if err := s.stop("li"); err != nil {
			return err
		}
		begin := time.Now()
		p, err := s.start(ctx, "li")
		if err != nil {
			return err
		}
		status, err := p.System.Status(ctx, &v1.StatusRequest{})
		if err != nil || status.Phase != v1.Phase_PHASE_READY {
			return fmt.Errorf("start: %v %w", status.GetPhase(), err)
		}
		all = append(all, time.Since(begin))
	}
	slices.Sort(all)
	figure("start_to_api_ms", percentile(all, 0.5), "ms")
	return nil
}
