package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"roundtable/backend/relay/engine"
)

var (
	// errTooMany: more subjects match than a direct read answers for.
	errTooMany = errors.New("too many subjects")
	errBatch   = errors.New("part of an answer was lost")
)

// getRequest asks for messages, of a leader (one) or of any replica (a batch).
type getRequest struct {
	Seq       uint64     `json:"seq,omitempty"`
	LastFor   string     `json:"last_by_subj,omitempty"`
	NextFor   string     `json:"next_by_subj,omitempty"`
	Batch     int        `json:"batch,omitempty"`
	MaxBytes  int        `json:"max_bytes,omitempty"`
	MultiLast []string   `json:"multi_last,omitempty"`
	UpToSeq   uint64     `json:"up_to_seq,omitempty"`
	StartTime *time.Time `json:"start_time,omitempty"`
}

// batch is the answer to a direct read.
type batch struct {
	messages []message
	// pending counts the messages that match and follow.
	pending uint64
	// upTo is the replica's last sequence, for MultiLast only.
	upTo uint64
}

// direct reads from any replica. The answers to all requests come in on one
// subscription, each to a subject of its own.
type direct struct {
	nc    *natsgo.Conn
	inbox string // ends with a dot
	slots chan struct{}

	mu      sync.Mutex
	last    uint64
	waiting map[string]*gathering
}

// gathering is an answer on its way. It belongs to the subscription's goroutine
// until done is closed.
type gathering struct {
	batch
	err  error
	done chan struct{}
}

func newDirect(nc *natsgo.Conn) (*direct, error) {
	d := &direct{
		nc: nc, inbox: nc.NewInbox() + ".", slots: make(chan struct{}, readsAtOnce),
		waiting: map[string]*gathering{},
	}
	sub, err := nc.Subscribe(d.inbox+"*", d.take)
	if err != nil {
		return nil, fmt.Errorf("subscribe to answers: %w", err)
	}
	// The slots bound what can be on its way.
	if err := sub.SetPendingLimits(-1, -1); err != nil {
		return nil, fmt.Errorf("subscribe to answers: %w", err)
	}
	return d, nil
}

// read asks once. A request has Batch or MultiLast, so that its answer has an end.
// Errors: errTooMany, ErrUnavailable, ctx's.
func (e *Engine) read(ctx context.Context, stream string, request getRequest) (batch, error) {
	if err := e.over(ctx); err != nil {
		return batch{}, err
	}
	d := e.direct
	body, err := json.Marshal(request)
	if err != nil {
		return batch{}, fmt.Errorf("read directly: %w", err)
	}
	try, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)()
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-try.Done():
		return batch{}, e.why(ctx, try.Err())
	}
	g, name := d.begin()
	defer d.forget(name)
	if err := d.nc.PublishRequest("$JS.API.DIRECT.GET."+stream, d.inbox+name, body); err != nil {
		return batch{}, e.why(ctx, err)
	}
	select {
	case <-g.done:
		if g.err != nil && !errors.Is(g.err, errTooMany) {
			return batch{}, e.why(ctx, g.err)
		}
		return g.batch, g.err
	case <-try.Done():
		return batch{}, e.why(ctx, try.Err())
	}
}

// why tells whether the caller has given up or the cluster has.
func (e *Engine) why(ctx context.Context, err error) error {
	if over := e.over(ctx); over != nil {
		return over
	}
	return fmt.Errorf("read directly: %w: %w", engine.ErrUnavailable, err)
}

func (d *direct) begin() (*gathering, string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last++
	g, name := &gathering{done: make(chan struct{})}, strconv.FormatUint(d.last, 36)
	d.waiting[name] = g
	return g, name
}

func (d *direct) forget(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.waiting, name)
}

// take is called with each message of each answer.
func (d *direct) take(m *natsgo.Msg) {
	d.mu.Lock()
	name := m.Subject[len(d.inbox):]
	g := d.waiting[name]
	d.mu.Unlock()
	if g == nil {
		return
	}
	if done, err := g.take(m); done || err != nil {
		g.err = err
		d.forget(name)
		close(g.done)
	}
}

func (g *gathering) take(m *natsgo.Msg) (done bool, err error) {
	var before uint64
	if n := len(g.messages); n > 0 {
		before = g.messages[n-1].seq
	}
	switch status := m.Header.Get("Status"); status {
	case "":
	case "204":
		if number(m, "Nats-Last-Sequence") != before {
			return true, errBatch
		}
		g.pending, g.upTo = number(m, "Nats-Num-Pending"), number(m, "Nats-UpTo-Sequence")
		return true, nil
	case "404":
		return true, nil
	case "413":
		return true, errTooMany
	default:
		return true, fmt.Errorf("status %s", status)
	}
	if number(m, "Nats-Last-Sequence") != before {
		return true, errBatch
	}
	at, err := time.Parse(time.RFC3339Nano, m.Header.Get("Nats-Time-Stamp"))
	if err != nil {
		return true, fmt.Errorf("read time: %w", err)
	}
	g.messages = append(g.messages, message{
		subject: m.Header.Get("Nats-Subject"),
		seq:     number(m, "Nats-Sequence"),
		at:      at, data: m.Data,
	})
	return false, nil
}

func number(m *natsgo.Msg, name string) uint64 {
	n, err := strconv.ParseUint(m.Header.Get(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// lastOf gives the last message of each subject below some prefixes, and the
// sequence up to which the replica knew; atLeast is what it has to know. always
// is a subject of the stream that is never empty.
func (e *Engine) lastOf(ctx context.Context, stream, always string, atLeast uint64, prefixes ...string) (out []message, upTo uint64, err error) {
	err = e.patiently(ctx, func(ctx context.Context) error {
		out = nil
		filters := []string{always}
		for _, p := range prefixes {
			filters = append(filters, p+">")
		}
		var err error
		out, upTo, err = e.lastPages(ctx, stream, filters, 0)
		if errors.Is(err, errTooMany) {
			out, upTo, err = e.lastParts(ctx, stream, always, prefixes, 1)
		}
		if err == nil && upTo < atLeast {
			return fmt.Errorf("replica is behind: %w", engine.ErrUnavailable)
		}
		return err
	})
	kept := out[:0]
	for _, m := range out {
		if m.subject != always {
			kept = append(kept, m)
		}
	}
	return kept, upTo, err
}

// lastParts asks for each hex digit that follows the prefixes; see fanned.
func (e *Engine) lastParts(ctx context.Context, stream, always string, prefixes []string, depth int) (out []message, upTo uint64, err error) {
	for _, digit := range "0123456789abcdef" {
		below := make([]string, len(prefixes))
		filters := []string{always}
		for i, p := range prefixes {
			below[i] = p + string(digit) + "."
			filters = append(filters, below[i]+">")
		}
		part, to, err := e.lastPages(ctx, stream, filters, 0)
		if errors.Is(err, errTooMany) && depth < fanned {
			part, to, err = e.lastParts(ctx, stream, always, below, depth+1)
		}
		if err != nil {
			return nil, 0, err
		}
		if out = append(out, part...); upTo == 0 || to < upTo {
			upTo = to
		}
	}
	return out, upTo, nil
}

// lastPages asks until nothing is pending.
func (e *Engine) lastPages(ctx context.Context, stream string, filters []string, from uint64) (out []message, upTo uint64, err error) {
	request := getRequest{MultiLast: filters, MaxBytes: readBytes, Seq: from}
	for {
		page, err := e.read(ctx, stream, request)
		if err != nil {
			return nil, 0, err
		}
		if upTo == 0 {
			upTo = page.upTo
		}
		out = append(out, page.messages...)
		if page.pending == 0 || len(page.messages) == 0 {
			return out, upTo, nil
		}
		request.Seq, request.UpToSeq = page.messages[len(page.messages)-1].seq+1, upTo
	}
}
