package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	// abreast bounds the questions of one peer that are under way.
	abreast = 8
	// patience is how long an answer may take once its turn has come.
	patience = time.Minute
)

// Peer is the asking side of one stream. All methods may be called from any
// goroutine.
type Peer struct {
	Device wire.DeviceID
	// Packed lets the other side compress.
	Packed bool
	stream link.Stream
	slots  chan struct{}

	writing sync.Mutex // held while a question goes out, so that waiting has their order
	mu      sync.Mutex
	waiting []*asking
	err     error
	awake   chan struct{}
}

// asking is a question whose answer has not come.
type asking struct {
	want []chunk.Chunk
	back chan reply
}

// reply is an answer with the bytes behind it, which are the pool's again once they
// were used.
type reply struct {
	answer answer
	bytes  *[]byte
	err    error
}

// buffers hold the bytes of answers: a megabyte each would be much to collect.
var buffers = sync.Pool{New: func() any { b := make([]byte, MaxAskBytes); return &b }}

// NewPeer asks over a stream, until ctx ends or the stream fails.
func NewPeer(ctx context.Context, device wire.DeviceID, s link.Stream, packed bool) *Peer {
	p := &Peer{Device: device, Packed: packed, stream: s, slots: make(chan struct{}, abreast), awake: make(chan struct{}, 1)}
	stop := context.AfterFunc(ctx, func() { p.fail(context.Cause(ctx)) })
	go func() {
		defer stop()
		p.listen()
	}()
	return p
}

// Broken gives the error that ended the stream, nil while it lives.
func (p *Peer) Broken() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Close ends the stream.
func (p *Peer) Close() { p.fail(link.ErrClosed) }

func (p *Peer) fail(err error) {
	p.mu.Lock()
	if p.err == nil {
		p.err = err
	}
	waiting := p.waiting
	p.waiting = nil
	p.mu.Unlock()
	for _, w := range waiting {
		w.back <- reply{err: err}
	}
	_ = p.stream.SetDeadline(time.Unix(1, 0)) // the reader returns
	_ = p.stream.Close()
	p.wake()
}

func (p *Peer) wake() {
	select {
	case p.awake <- struct{}{}:
	default:
	}
}

// listen hands answers to those who wait, in the order in which they asked.
func (p *Peer) listen() {
	for {
		p.mu.Lock()
		idle, err := len(p.waiting) == 0, p.err
		p.mu.Unlock()
		if err != nil {
			return
		}
		if idle {
			<-p.awake
			continue
		}
		if err := p.hear(); err != nil {
			p.fail(fmt.Errorf("hear answer: %w", err))
			return
		}
	}
}

// hear reads one answer and hands it to whoever asked first.
func (p *Peer) hear() error {
	_ = p.stream.SetReadDeadline(time.Now().Add(patience))
	var r reply
	if err := wire.Receive(p.stream, maxHead, &r.answer); err != nil {
		return err
	}
	p.mu.Lock()
	var next *asking
	if len(p.waiting) > 0 {
		next = p.waiting[0]
	}
	p.mu.Unlock()
	if next == nil {
		return nil // the stream failed meanwhile
	}
	raw, _, err := r.answer.follows(next.want)
	if err != nil {
		return err
	}
	r.bytes = buffers.Get().(*[]byte)
	*r.bytes = (*r.bytes)[:raw]
	if _, err := io.ReadFull(p.stream, *r.bytes); err != nil {
		return err
	}
	p.mu.Lock()
	if len(p.waiting) > 0 && p.waiting[0] == next {
		p.waiting = p.waiting[1:]
	}
	p.mu.Unlock()
	next.back <- r
	return nil
}

// ask sends a question and waits for its answer.
func (p *Peer) ask(ctx context.Context, q question, want []chunk.Chunk) (reply, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return reply{}, ctx.Err()
	}
	a := &asking{want, make(chan reply, 1)}
	if err := p.send(q, a); err != nil {
		p.fail(err)
		return reply{}, fmt.Errorf("ask: %w", err)
	}
	select {
	case r := <-a.back:
		return r, r.err
	case <-ctx.Done():
		return reply{}, ctx.Err() // its answer is dropped when it comes
	}
}

func (p *Peer) send(q question, a *asking) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	p.mu.Lock()
	err := p.err
	if err == nil {
		p.waiting = append(p.waiting, a)
	}
	p.mu.Unlock()
	if err != nil {
		return err
	}
	p.wake()
	_ = p.stream.SetWriteDeadline(time.Now().Add(patience))
	return wire.Send(p.stream, q)
}

// Get asks for chunks or nodes, at most MaxAsk with MaxAskBytes, and calls each with
// every one that the other side has: its place in want, and its bytes, which are
// the callee's until it returns. What is given is what was asked for.
// Errors: ErrWrong, wire.ErrMalformed, wire.ErrTooLarge, each's, the link's, the context's.
func (p *Peer) Get(ctx context.Context, space wire.SpaceID, want []chunk.Chunk, check bool, each func(i int, data []byte) error) error {
	q := question{Space: space, Packed: p.Packed, Check: check, Get: make([]byte, 0, len(want)*placeSize)}
	for _, c := range want {
		q.Get = AppendChunk(q.Get, c)
	}
	r, err := p.ask(ctx, q, want)
	if err != nil {
		return err
	}
	defer buffers.Put(r.bytes)
	got, err := r.answer.open(want, *r.bytes)
	if err != nil {
		p.fail(err)
		return err
	}
	for i, data := range got {
		if data == nil {
			continue
		}
		if err := each(i, data); err != nil {
			return err
		}
	}
	return nil
}

// Hold tells how far feeds of the other side are held here.
func (p *Peer) Hold(ctx context.Context, space wire.SpaceID, heads []Head) error {
	for len(heads) > 0 {
		n := min(len(heads), maxHeads)
		r, err := p.ask(ctx, question{Space: space, Held: heads[:n]}, nil)
		if err != nil {
			return err
		}
		buffers.Put(r.bytes)
		heads = heads[n:]
	}
	return nil
}

// ended reports whether an error is the usual end of a stream.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, link.ErrClosed) || errors.Is(err, link.ErrReset)
}
