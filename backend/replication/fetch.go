package replication

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	// earlyFrom: when more content than this is missing, the newest comes first.
	earlyFrom = 300
	// earlyEach and earlyFeeds bound what is fetched ahead of its turn.
	earlyEach    = 50
	earlyFeeds   = 64
	fetchTimeout = 60 * time.Second
	// fetchRetry is how long a failed fetch waits before the next try.
	fetchRetry = 2 * time.Second
	// keysRetry is how long epoch keys that were asked for may take: who was asked may
	// not have known yet that they are for us.
	keysRetry = 2 * time.Second
)

// fetchAll fetches what the other side has and we lack, whenever there is news.
func (s *session) fetchAll() {
	var again <-chan time.Time
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.work:
		case <-again:
		}
		again = nil
		s.mu.Lock()
		news := s.news
		s.news = map[wire.SpaceID]bool{}
		s.mu.Unlock()
		for id := range news {
			later, err := s.fetchSpace(id)
			if err != nil && s.ctx.Err() == nil {
				s.e.Slog.Info("fetch failed, trying again", "peer", s.peer.Short(), "err", err)
				later = fetchRetry
			}
			if later == 0 {
				continue
			}
			s.mu.Lock()
			s.news[id] = true
			s.mu.Unlock()
			if again == nil {
				again = s.e.Clock.After(later)
			}
		}
	}
}

// fetchSpace brings one space level. later is when to look again, if at all.
func (s *session) fetchSpace(id wire.SpaceID) (later time.Duration, err error) {
	sh := s.space(id, false)
	if sh == nil { // it was closed while we waited for others to fetch it
		s.e.setMissing(id, s, 0)
		return 0, nil
	}
	early := false
	for s.ctx.Err() == nil {
		if s.e.Log.Begun(id) && !s.e.listens(id, s.peer) {
			break // we were removed, or it was: nothing more is to be had
		}
		control, content, wait := s.lacks(id, sh)
		if !s.e.takes(id, s.peer) {
			content = nil // its turn comes when control events say that it is for us: recheck pokes
		}
		var total uint64
		for _, w := range slices.Concat(control, content) {
			total += w.To - w.From + 1
		}
		s.e.setMissing(id, s, total)
		if s.askKeys(id, sh) && wait == 0 {
			wait = keysRetry
		}
		if total == 0 {
			return wait, nil
		}
		var got int
		switch {
		case len(control) > 0:
			got, err = s.fetch(id, control, false)
			s.e.settled(id)
		case !s.e.Log.Begun(id):
			// Content of a space whose beginning is on its way, from here or elsewhere.
			s.e.setMissing(id, s, 0)
			return fetchRetry, nil
		case total > earlyFrom && !early:
			early = true
			_, err = s.fetch(id, newest(content), true)
			got = 1
		default:
			got, err = s.fetch(id, content, false)
		}
		if err != nil {
			s.e.setMissing(id, s, 0)
			return 0, err
		}
		if got == 0 { // others are fetching it
			return fetchRetry, nil
		}
	}
	s.e.setMissing(id, s, 0)
	return 0, nil
}

// lacks lists what the other side holds and we do not.
func (s *session) lacks(id wire.SpaceID, sh *shared) (control, content []want, wait time.Duration) {
	have := s.e.Log.Frontier(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	for f, seq := range sh.known {
		if seq <= have[f] {
			continue
		}
		if f.Device != s.peer && have[f] > 0 && s.e.linked(f.Device) {
			since, noticed := sh.noticed[f]
			if !noticed {
				since = s.e.Clock.Now()
				sh.noticed[f] = since
			}
			if s.e.Clock.Now().Sub(since) < authorGrace {
				wait = authorGrace
				continue
			}
		}
		delete(sh.noticed, f)
		w := want{Device: f.Device, Start: f.Start, Lane: uint8(f.Lane), From: have[f] + 1, To: seq}
		if f.Lane == envelope.Control {
			control = append(control, w)
		} else {
			content = append(content, w)
		}
	}
	for _, list := range [][]want{control, content} {
		slices.SortFunc(list, func(a, b want) int { return bytes.Compare(a.Device[:], b.Device[:]) })
	}
	return control, content, wait
}

// newest picks the end of each feed.
func newest(content []want) []want {
	out := make([]want, 0, min(len(content), earlyFeeds))
	for _, w := range content[:min(len(content), earlyFeeds)] {
		if w.To-w.From >= earlyEach {
			w.From = w.To - earlyEach + 1
		}
		out = append(out, w)
	}
	return out
}

func (w want) feed() envelope.Feed {
	return envelope.Feed{Device: w.Device, Start: w.Start, Lane: envelope.Lane(w.Lane)}
}

// fetch gets pieces of feeds over a stream of its own. While one piece is being
// stored the next is read, hashed and opened. It returns the envelopes stored.
func (s *session) fetch(id wire.SpaceID, wants []want, early bool) (int, error) {
	mine, release := s.choose(id, wants, early)
	defer release()
	if len(mine) == 0 {
		return 0, nil
	}
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	stream, err := s.e.Board.OpenStream(ctx, s.peer, fetchProtocol)
	if err != nil {
		return 0, err
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, func() { _ = stream.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	_ = stream.SetWriteDeadline(time.Now().Add(fetchTimeout))
	if err := wire.Send(stream, fetch{Space: id, Wants: mine}); err != nil {
		return 0, err
	}
	runs := make(chan eventlog.Run, 2)
	read := make(chan error, 1)
	go func() {
		defer close(runs)
		read <- s.readPieces(ctx, stream, id, mine, runs)
	}()
	got := 0
	for run := range runs {
		if early {
			err = s.e.Log.IngestEarly(ctx, run)
		} else {
			err = s.e.Log.Ingest(ctx, run)
		}
		if err != nil {
			cancel()
			for range runs { //nolint:revive // drain, so that the reader ends
			}
			break
		}
		got += run.Len()
	}
	readErr := <-read
	if err == nil && readErr == nil && got == 0 && !early {
		// It does not give what it said to hold. It is believed again when it says so again.
		s.e.Slog.Info("a colleague's device did not give what it holds", "peer", s.peer.Short(), "feeds", len(mine))
		s.giveUp(id, mine)
	}
	if errors.Is(err, eventlog.ErrForked) {
		s.giveUp(id, mine)
		return got, nil
	}
	return got, errors.Join(err, readErr)
}

// choose claims feeds that nobody else fetches. What is shown ahead of its turn
// needs no claim: it is not stored.
func (s *session) choose(id wire.SpaceID, wants []want, early bool) (mine []want, release func()) {
	if early {
		return wants[:min(len(wants), maxWants)], func() {}
	}
	for _, w := range wants {
		if len(mine) < maxWants && s.e.take(claim{id, w.feed()}, s) {
			mine = append(mine, w)
		}
	}
	return mine, func() {
		for _, w := range mine {
			s.e.release(claim{id, w.feed()}, s)
		}
	}
}

// giveUp stops asking for feeds that cannot be continued here.
func (s *session) giveUp(id wire.SpaceID, wants []want) {
	have := s.e.Log.Frontier(id)
	sh := s.space(id, false)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range wants {
		if sh != nil {
			sh.known[w.feed()] = have[w.feed()]
		}
	}
}

// readPieces reads and verifies pieces; each must be of a wanted feed.
func (s *session) readPieces(ctx context.Context, r link.Stream, id wire.SpaceID, wants []want, out chan<- eventlog.Run) error {
	wanted := map[envelope.Feed]uint64{}
	for _, w := range wants {
		wanted[w.feed()] = w.To
	}
	for {
		_ = r.SetReadDeadline(time.Now().Add(fetchTimeout))
		var p piece
		if err := wire.Receive(r, wire.MaxFrame, &p); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		run, err := s.e.Log.Prepare(id, p.Raws)
		if err != nil {
			return fmt.Errorf("fetched run: %w", err)
		}
		if to, ok := wanted[run.Feed]; !ok || run.Last() > to {
			return fmt.Errorf("fetched run was not asked for: %w", wire.ErrMalformed)
		}
		select {
		case out <- run:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// serve answers one fetch.
func (e *Engine) serve(ctx context.Context, peer wire.DeviceID, stream link.Stream) {
	_ = stream.SetReadDeadline(time.Now().Add(fetchTimeout))
	var f fetch
	if err := wire.Receive(stream, wire.MaxFrame, &f); err != nil || len(f.Wants) > maxWants {
		return
	}
	for _, w := range f.Wants {
		for from := w.From; from <= w.To; {
			// Asked again for each piece: a member removed meanwhile gets nothing more.
			if ctx.Err() != nil || !e.gives(f.Space, peer, w) {
				return
			}
			raws, err := e.Log.ReadRun(ctx, f.Space, w.feed(), from, w.To)
			if err != nil {
				e.Slog.Warn("read for a colleague", "err", err)
				return
			}
			if len(raws) == 0 {
				break
			}
			_ = stream.SetWriteDeadline(time.Now().Add(fetchTimeout))
			if err := wire.Send(stream, piece{Raws: raws}); err != nil {
				return
			}
			from += uint64(len(raws))
		}
	}
	_ = stream.Close()
}

// linked reports whether a talk with a device is running.
func (e *Engine) linked(device wire.DeviceID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sessions[device] != nil
}
