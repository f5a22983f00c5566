package nats

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"roundtable/backend/relay/engine"
	"roundtable/backend/wire"
)

// countsRound is how often counts are written.
const countsRound = 2 * time.Second

// counts is what this process has stored and swept since it wrote that down. A
// process that is killed takes up to countsRound of it along, and a piece that was stored
// although its answer was lost is not counted: usage is for quotas and bills by
// the gigabyte, not for proofs.
type counts struct {
	mu      sync.Mutex
	added   map[engine.Tenant]engine.Usage
	sending []increment

	writing sync.Mutex
}

// increment of a counter. Its ID lets the stream know it again.
type increment struct {
	tenant engine.Tenant
	what   string
	n      int64
	id     string
}

const (
	countBytes     = "bytes"
	countEnvelopes = "envelopes"
	countChunks    = "chunks"
)

func (c *counts) add(t engine.Tenant, u engine.Usage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.added == nil {
		c.added = map[engine.Tenant]engine.Usage{}
	}
	c.added[t] = plus(c.added[t], u)
}

func plus(a, b engine.Usage) engine.Usage {
	return engine.Usage{Bytes: a.Bytes + b.Bytes, Envelopes: a.Envelopes + b.Envelopes, Chunks: a.Chunks + b.Chunks}
}

func (i increment) usage() (u engine.Usage) {
	switch i.what {
	case countBytes:
		u.Bytes = i.n
	case countEnvelopes:
		u.Envelopes = i.n
	case countChunks:
		u.Chunks = i.n
	}
	return u
}

// take gives the increments to write: those that were not written, or new ones.
func (c *counts) take() []increment {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sending) == 0 {
		for tenant, u := range c.added {
			for what, n := range map[string]int64{countBytes: u.Bytes, countEnvelopes: u.Envelopes, countChunks: u.Chunks} {
				if n != 0 {
					id := base64.RawURLEncoding.EncodeToString(wire.Random(12))
					c.sending = append(c.sending, increment{tenant, what, n, id})
				}
			}
		}
		c.added = nil
	}
	return c.sending
}

func (c *counts) written(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sending = c.sending[n:]
}

// here is what is not written yet.
func (c *counts) here(t engine.Tenant) engine.Usage {
	c.mu.Lock()
	defer c.mu.Unlock()
	u := c.added[t]
	for _, i := range c.sending {
		if i.tenant == t {
			u = plus(u, i.usage())
		}
	}
	return u
}

// writeCounts writes what has been counted.
func (e *Engine) writeCounts(ctx context.Context) error {
	e.counted.writing.Lock()
	defer e.counted.writing.Unlock()
	for range 2 { // what was on its way, and what has come since
		for _, i := range e.counted.take() {
			m := &natsgo.Msg{Subject: usageSubject(i.tenant, i.what), Header: natsgo.Header{
				"Nats-Incr":   {fmt.Sprintf("%+d", i.n)},
				"Nats-Msg-Id": {i.id},
			}}
			err := e.patiently(ctx, func(ctx context.Context) error {
				_, err := e.publishNow(ctx, m) // by Close, too
				return err
			})
			if err != nil {
				return fmt.Errorf("write usage: %w", err)
			}
			e.counted.written(1)
		}
	}
	return nil
}

func (e *Engine) keepCounts() {
	tick := time.NewTicker(countsRound)
	defer tick.Stop()
	for {
		select {
		case <-e.ctx.Done():
			return
		case <-tick.C:
			if err := e.writeCounts(e.ctx); err != nil && e.ctx.Err() == nil {
				e.log.Warn("usage was not written", "error", err)
			}
		}
	}
}

// Usage of a tenant, by counters of the cluster and what this process has not
// written yet. What other processes counted in the last seconds is missing.
func (e *Engine) Usage(ctx context.Context, tenant engine.Tenant) (engine.Usage, error) {
	u := e.counted.here(tenant)
	for _, what := range []string{countBytes, countEnvelopes, countChunks} {
		var m message
		err := e.patiently(ctx, func(ctx context.Context) (err error) {
			m, err = e.leaderLast(ctx, streamUsage, usageSubject(tenant, what))
			return err
		})
		if errors.Is(err, engine.ErrNotFound) {
			continue
		}
		if err != nil {
			return engine.Usage{}, fmt.Errorf("read usage: %w", err)
		}
		n, err := decodeCount(m.data)
		if err != nil {
			return engine.Usage{}, fmt.Errorf("read usage: %w", err)
		}
		u = plus(u, increment{what: what, n: n}.usage())
	}
	return engine.Usage{Bytes: max(0, u.Bytes), Envelopes: max(0, u.Envelopes), Chunks: max(0, u.Chunks)}, nil
}

// decodeCount reads a counter as the server writes it: {"val":"12"}.
func decodeCount(data []byte) (int64, error) {
	var c struct {
		Val string `json:"val"`
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return 0, fmt.Errorf("%w: %w", errStored, err)
	}
	n, err := strconv.ParseInt(c.Val, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errStored, err)
	}
	return n, nil
}
