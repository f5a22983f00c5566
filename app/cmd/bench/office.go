package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
)

const (
	settleTime = 3 * time.Second
	idleTime   = 20 * time.Second
	// spacing between measured messages: longer than the pause between two
	// deliveries of changes, as when people type.
	spacing   = 30 * time.Millisecond
	latencies = 400
	alone     = 1000
	senders   = 8
	each      = 3000
)

// office measures two people who are linked.
func office(ctx context.Context, s *scene) error {
	li, workspace, err := s.found(ctx, "li")
	if err != nil {
		return err
	}
	wang, err := s.newcomer(ctx, "wang")
	if err != nil {
		return err
	}
	link, err := li.Invite(ctx, workspace, 1)
	if err != nil {
		return err
	}
	if err := wang.Join(ctx, link); err != nil {
		return err
	}
	if err := idle(ctx, li, wang); err != nil {
		return err
	}
	if err := visible(ctx, li.Desk, wang.Desk, workspace); err != nil {
		return err
	}
	if err := rate(ctx, li, wang, workspace); err != nil {
		return err
	}
	if err := s.stop("wang"); err != nil {
		return err
	}
	return appendAlone(ctx, li.Desk, workspace)
}

func send(ctx context.Context, d *client.Desk, conversation, text string) error {
	_, err := d.Chat.Send(ctx, &v1.SendRequest{ConversationId: conversation, Text: text})
	return err
}

// appendAlone: one sender, nobody linked; from the call of Send to its answer.
func appendAlone(ctx context.Context, d *client.Desk, conversation string) error {
	var all []time.Duration
	for i := range alone {
		begin := time.Now()
		if err := send(ctx, d, conversation, "写一条 "+strconv.Itoa(i)); err != nil {
			return err
		}
		all = append(all, time.Since(begin))
	}
	figure("append_us", percentile(all, 0.5)*1000, "us")
	return nil
}

// idle: two linked processes that have nothing to do.
func idle(ctx context.Context, all ...*client.Process) error {
	if err := pause(ctx, settleTime); err != nil {
		return err
	}
	var before, after, memory float64
	for _, p := range all {
		cpu, err := cpuSeconds(p.PID())
		if err != nil {
			return err
		}
		before += cpu
	}
	if err := pause(ctx, idleTime); err != nil {
		return err
	}
	for _, p := range all {
		cpu, err := cpuSeconds(p.PID())
		if err != nil {
			return err
		}
		rss, err := residentMB(p.PID())
		if err != nil {
			return err
		}
		after, memory = after+cpu, max(memory, rss)
	}
	figure("rss_idle_mb", memory, "MB")
	figure("idle_cpu_percent", (after-before)/float64(len(all))/idleTime.Seconds()*100, "%")
	return nil
}

// visible: from Send at one process until the other one's screen has it.
func visible(ctx context.Context, from, to *client.Desk, conversation string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes, err := to.Follow(ctx)
	if err != nil {
		return err
	}
	topic := "chat:" + conversation
	var all []time.Duration
	for i := range latencies {
		text := "看得见 " + strconv.Itoa(i)
		begin := time.Now()
		sent := make(chan error, 1)
		go func() { sent <- send(ctx, from, conversation, text) }()
		for there := false; !there; {
			select {
			case topics := <-changes:
				if !contains(topics, topic) {
					continue
				}
			case <-time.After(time.Second):
			case <-ctx.Done():
				return ctx.Err()
			}
			page, err := to.Chat.Messages(ctx, &v1.MessagesRequest{ConversationId: conversation, Limit: 1})
			if err != nil {
				return err
			}
			there = len(page.Messages) == 1 && page.Messages[0].Text == text
		}
		all = append(all, time.Since(begin))
		if err := <-sent; err != nil {
			return err
		}
		if err := pause(ctx, spacing); err != nil {
			return err
		}
	}
	figure("chat_send_visible_p50", percentile(all, 0.5), "ms")
	figure("chat_send_visible_p99", percentile(all, 0.99), "ms")
	return nil
}

func contains(all []string, one string) bool {
	for _, a := range all {
		if a == one || a == "*" {
			return true
		}
	}
	return false
}

// rate: several people type at one process as fast as their messages are
// answered for, while another process receives them.
func rate(ctx context.Context, from, to *client.Process, conversation string) error {
	used, err := cpuOf(from, to)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := flood(ctx, from.Desk, conversation, senders, each); err != nil {
		return err
	}
	figure("chat_rate_durable", senders*each/time.Since(begin).Seconds(), "messages/s")
	if err := send(ctx, from.Desk, conversation, "zuletzt"); err != nil {
		return err
	}
	if err := to.Shows(ctx, conversation, "zuletzt"); err != nil {
		return err
	}
	figure("chat_rate_arrived", senders*each/time.Since(begin).Seconds(), "messages/s")
	now, err := cpuOf(from, to)
	if err != nil {
		return err
	}
	figure("chat_rate_cpu_author", (now[0]-used[0])/(senders*each)*1e6, "us/message")
	figure("chat_rate_cpu_receiver", (now[1]-used[1])/(senders*each)*1e6, "us/message")
	return nil
}

// cpuOf gives the processor seconds of two processes.
func cpuOf(a, b *client.Process) (out [2]float64, err error) {
	for i, p := range []*client.Process{a, b} {
		if out[i], err = cpuSeconds(p.PID()); err != nil {
			return out, err
		}
	}
	return out, nil
}

// flood sends n messages from each of several senders.
func flood(ctx context.Context, d *client.Desk, conversation string, senders, n int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for sender := range senders {
		wg.Go(func() {
			for i := range n {
				text := fmt.Sprintf("第 %d 位的第 %d 条消息, about as long as what people write to each other", sender, i)
				if err := send(ctx, d, conversation, text); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}
