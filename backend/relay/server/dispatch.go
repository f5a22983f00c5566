package server

import (
	"context"
	"errors"

	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// job is a decoded request.
type job struct {
	m    protocol.Message
	held int64
	size int
}

// accept takes a request from the reader. It waits while the device has enough
// under way or does not read its answers: that is the back-pressure.
func (c *conn) accept(r request) bool {
	c.mu.Lock()
	for !c.down && (c.inflight >= c.s.limits.InFlight || c.queued > c.s.limits.QueueBytes) {
		if c.wake == nil {
			c.wake = make(chan struct{}, 1)
		}
		c.mu.Unlock()
		select {
		case <-c.wake:
		case <-c.gone:
			return false
		}
		c.mu.Lock()
	}
	defer c.mu.Unlock()
	if c.down {
		return false
	}
	c.inflight++
	c.inbox = append(c.inbox, r)
	if !c.pumping {
		c.pumping = true
		go c.pump()
	}
	return true
}

// pump decodes requests in their order and sees to it that those of one lane
// are carried out in it.
func (c *conn) pump() {
	for {
		c.mu.Lock()
		if len(c.inbox) == 0 {
			c.inbox, c.pumping = nil, false
			c.mu.Unlock()
			return
		}
		r := c.inbox[0]
		c.inbox = c.inbox[1:]
		c.mu.Unlock()
		var m protocol.Message
		if err := wire.DecodeLoose(r.raw, protocol.MaxMessage, &m); err != nil || !wellFormed(m) {
			c.done(r.held)
			c.s.meter.turnedAway(protocol.CodeMalformed)
			c.shut(c.encoded(m.ID, protocol.Message{Failed: &protocol.Failed{Code: protocol.CodeMalformed}}), closing(statusProtocol))
			continue
		}
		c.route(job{m: m, held: r.held, size: len(r.raw)})
	}
}

// done ends a request.
func (c *conn) done(held int64) {
	c.s.budget.release(held)
	c.mu.Lock()
	c.inflight--
	c.roused()
	c.mu.Unlock()
}

// wellFormed tells requests, of which exactly one is there, from everything else.
func wellFormed(m protocol.Message) bool {
	n := 0
	for _, there := range []bool{m.Subscribe != nil, m.Unsubscribe != nil, m.Read != nil, m.Publish != nil, m.Heads != nil,
		m.Access != nil, m.Grant != nil, m.Spaces != nil, m.Has != nil, m.Put != nil, m.Get != nil, m.Frame != nil,
		m.Watch != nil, m.Hosts != nil, m.Dial != nil, m.Turn != nil} {
		if there {
			n++
		}
	}
	for _, there := range []bool{m.Challenge != nil, m.Hello != nil, m.Ready != nil, m.Failed != nil, m.Done != nil, m.Bye != nil,
		m.Position != nil, m.Page != nil, m.Stored != nil, m.News != nil, m.HeadList != nil, m.AccessList != nil, m.SpaceList != nil,
		m.Listed != nil, m.Flags != nil, m.Chunk != nil, m.Presence != nil, m.HostList != nil, m.Ticket != nil, m.Incoming != nil, m.Servers != nil} {
		if there {
			return false
		}
	}
	return n == 1 && (m.ID != 0) == (m.Frame == nil)
}

// lane names the space whose requests have an order.
func lane(m protocol.Message) (space wire.SpaceID, ordered bool) {
	switch {
	case m.Publish != nil:
		return m.Publish.Space, true
	case m.Subscribe != nil:
		return m.Subscribe.Space, true
	case m.Unsubscribe != nil:
		return m.Unsubscribe.Space, true
	case m.Grant != nil:
		var g protocol.Grant
		if wire.DecodeLoose(m.Grant.Raw, protocol.MaxMessage, &g) != nil {
			return space, true
		}
		return g.Space, true
	case m.Frame != nil, m.Watch != nil, m.Dial != nil:
		return space, true // the zero space is nobody's
	}
	return space, false
}

// route starts a request, or puts it behind one of the same lane.
func (c *conn) route(j job) {
	space, ordered := lane(j.m)
	if ordered {
		c.mu.Lock()
		if waiting, busy := c.lanes[space]; busy {
			c.lanes[space] = append(waiting, j)
			c.mu.Unlock()
			return
		}
		if c.lanes == nil {
			c.lanes = map[wire.SpaceID][]job{}
		}
		c.lanes[space] = nil
		c.mu.Unlock()
	}
	select {
	case c.s.working <- struct{}{}:
	case <-c.gone: // what was begun is still carried out in order, and finds the connection gone
		c.s.working <- struct{}{}
	}
	c.s.running.Add(1)
	go func() {
		defer c.s.running.Done()
		defer func() { <-c.s.working }()
		for more := true; more; {
			c.work(j)
			c.done(j.held)
			if !ordered {
				return
			}
			j, more = c.nextOf(space)
		}
	}()
}

func (c *conn) nextOf(space wire.SpaceID) (j job, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting := c.lanes[space]
	if len(waiting) == 0 {
		delete(c.lanes, space)
		if len(c.lanes) == 0 {
			c.lanes = nil
		}
		return j, false
	}
	c.lanes[space] = waiting[1:]
	return waiting[0], true
}

// work carries out one request and answers it.
func (c *conn) work(j job) {
	select {
	case <-c.gone:
		return
	default:
	}
	ctx, cancel := context.WithTimeout(c.s.life, c.s.limits.Asking)
	defer cancel()
	reply, held, err := c.carryOut(ctx, j)
	if j.m.Frame != nil || j.m.Subscribe != nil && err == nil {
		return // unanswered, or answered already
	}
	if err != nil {
		c.s.budget.release(held)
		held = 0
		failed := protocol.Failed{}
		if !errors.As(err, &failed) {
			failed.Code = c.s.codeOf(ctx, "answer", err)
		}
		c.s.meter.failed(failed.Code)
		reply = protocol.Message{Failed: &failed}
	}
	frame := c.encoded(j.m.ID, reply)
	if held == 0 && len(frame) > batchBytes {
		if c.hold(ctx, len(frame)) != nil {
			frame = c.encoded(j.m.ID, protocol.Message{Failed: &protocol.Failed{Code: protocol.CodeBusy}})
		} else {
			held = int64(len(frame))
		}
	}
	c.send(item{frame: frame, held: held}, answer)
}

// hold takes bytes of the budget for an answer, which gives them back once it is written.
func (c *conn) hold(ctx context.Context, bytes int) error {
	if !c.s.budget.acquire(int64(bytes), ctx.Done()) {
		return failed(protocol.CodeBusy)
	}
	return nil
}

// carryOut judges and does. held is what the answer holds of the budget.
func (c *conn) carryOut(ctx context.Context, j job) (reply protocol.Message, held int64, err error) {
	m := j.m
	if c.isVisitor() && m.Grant == nil && m.Hosts == nil && m.Dial == nil && m.Spaces == nil && m.Access == nil && m.Unsubscribe == nil && m.Read == nil {
		return reply, 0, protocol.Failed{Code: protocol.CodeForbidden}
	}
	switch {
	case m.Publish != nil:
		reply.Stored, err = c.publish(ctx, *m.Publish)
	case m.Read != nil:
		reply.Page, held, err = c.readPage(ctx, *m.Read)
	case m.Subscribe != nil:
		err = c.subscribe(ctx, m.ID, m.Subscribe.Space)
	case m.Unsubscribe != nil:
		c.unsubscribe(m.Unsubscribe.Space)
		reply.Done = &protocol.Done{}
	case m.Heads != nil:
		reply.HeadList, err = c.heads(ctx, *m.Heads)
	case m.Access != nil:
		reply.AccessList, err = c.access(ctx, *m.Access)
	case m.Grant != nil:
		reply.Done, err = c.grant(ctx, *m.Grant)
	case m.Spaces != nil:
		reply.SpaceList, err = c.spaces(ctx, *m.Spaces)
	case m.Has != nil:
		reply.Flags, err = c.hasChunks(ctx, *m.Has)
	case m.Put != nil:
		reply.Done, err = c.putChunk(ctx, *m.Put)
	case m.Get != nil:
		reply.Chunk, held, err = c.getChunk(ctx, *m.Get)
	case m.Frame != nil:
		err = c.frame(ctx, *m.Frame)
	case m.Watch != nil:
		reply.Presence, err = c.watch(*m.Watch)
	case m.Hosts != nil:
		reply.HostList, err = c.hostList(ctx, *m.Hosts)
	case m.Dial != nil:
		reply.Ticket, err = c.dial(ctx, *m.Dial)
	case m.Turn != nil:
		reply.Servers, err = c.servers()
	}
	return reply, held, err
}

// codeOf tells a device what an error of the engine means for it; what is not
// expected is logged and named internal.
func (s *Server) codeOf(ctx context.Context, doing string, err error) protocol.Code {
	switch {
	case errors.Is(err, errSuspended), errors.Is(err, errNobody):
		return protocol.CodeToken
	case errors.Is(err, engine.ErrCursor):
		return protocol.CodeCursor
	case errors.Is(err, engine.ErrNotFound):
		return protocol.CodeNotFound
	case errors.Is(err, engine.ErrConflict):
		return protocol.CodeStale
	case errors.Is(err, key.ErrSignature):
		return protocol.CodeSignature
	case errors.Is(err, wire.ErrTooLarge):
		return protocol.CodeTooLarge
	case errors.Is(err, wire.ErrMalformed):
		return protocol.CodeMalformed
	case s.life.Err() != nil:
		return protocol.CodeBusy
	case errors.Is(err, engine.ErrFull), errors.Is(err, engine.ErrUnavailable), ctx.Err() != nil:
		s.log.Warn("the store does not answer", "doing", doing, "error", err)
		return protocol.CodeBusy
	}
	s.log.Error("request failed", "doing", doing, "error", err)
	return protocol.CodeInternal
}

func forbidden() error             { return protocol.Failed{Code: protocol.CodeForbidden} }
func failed(c protocol.Code) error { return protocol.Failed{Code: c} }
