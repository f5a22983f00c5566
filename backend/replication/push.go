package replication

import (
	"bytes"
	"errors"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/wire"
)

// ingestPushes stores what is pushed. Whatever has arrived while the last
// commit was being flushed goes into the next one; pushes that follow each
// other in one feed are joined, so that one signature verifies them all.
func (s *session) ingestPushes() {
	for {
		var first push
		select {
		case <-s.ctx.Done():
			return
		case first = <-s.pushes:
		}
		batch := []push{first}
	more:
		for size := 0; size < 4*wire.MaxRunBytes; {
			select {
			case p := <-s.pushes:
				batch = append(batch, p)
				for _, r := range p.Raws {
					size += len(r)
				}
			default:
				break more
			}
		}
		for _, p := range join(batch) {
			s.ingestPush(p)
		}
	}
}

// join concatenates pushes that continue each other; order between feeds is kept
// as far as it matters: control events of a space stay before what follows them.
func join(all []push) []push {
	var out []push
	last := map[string]int{}
	for _, p := range all {
		if len(p.Raws) == 0 {
			continue
		}
		name := feedName(p.Raws[0])
		if i, ok := last[name]; ok && name != "" && len(out[i].Raws)+len(p.Raws) <= wire.MaxRun {
			out[i].Raws = append(out[i].Raws[:len(out[i].Raws):len(out[i].Raws)], p.Raws...)
			continue
		}
		last[name] = len(out)
		out = append(out, p)
	}
	return out
}

func feedName(raw []byte) string {
	e, err := envelope.Decode(raw)
	if err != nil {
		return ""
	}
	return string(bytes.Join([][]byte{e.Space[:], e.HeaderBytes()[34:74], {byte(e.Feed.Lane)}}, nil))
}

// noteUntaken: what is pushed before the control events that let us take it, as in
// a space that was begun a moment ago, is not pushed again. That it exists is
// remembered, and it is fetched in its turn.
func (s *session) noteUntaken(p push) {
	e, err := envelope.Decode(p.Raws[len(p.Raws)-1])
	if err != nil || e.Space != p.Space {
		return
	}
	_ = s.takeHeads(heads{Space: p.Space, Heads: []eventlog.Head{
		{Device: e.Feed.Device, Start: e.Feed.Start, Lane: uint8(e.Feed.Lane), Seq: e.Seq}}})
}

func (s *session) ingestPush(p push) {
	if !s.e.takes(p.Space, s.peer) {
		s.noteUntaken(p)
		return
	}
	run, err := s.e.Log.Prepare(p.Space, p.Raws)
	if err != nil {
		s.e.Slog.Warn("pushed run refused", "peer", s.peer.Short(), "err", err)
		s.cancel()
		return
	}
	sh := s.space(p.Space, true)
	if sh == nil {
		return
	}
	s.mu.Lock()
	sh.known[run.Feed] = max(sh.known[run.Feed], run.Last())
	s.mu.Unlock()
	err = s.e.Log.Ingest(s.ctx, run)
	switch {
	case errors.Is(err, eventlog.ErrGap):
		s.poke(p.Space) // fetch what lies between
	case err != nil && s.ctx.Err() == nil:
		s.e.Slog.Warn("pushed run not stored", "peer", s.peer.Short(), "err", err)
	case run.Feed.Lane == envelope.Control:
		s.poke(p.Space) // a new epoch may need its key
	}
}

// askKeys asks for epoch keys that something waits for, at most once a second. It
// reports whether something waits.
func (s *session) askKeys(id wire.SpaceID, sh *shared) bool {
	missing, err := s.e.Log.Missing(s.ctx, id)
	foreign := s.e.Log.Foreign(id)
	s.mu.Lock()
	news := foreign > sh.foreign
	s.mu.Unlock()
	if err != nil || len(missing) == 0 && !news {
		return false
	}
	s.mu.Lock()
	due := time.Since(sh.asked) > time.Second
	if due {
		sh.asked, sh.foreign = time.Now(), foreign
	}
	s.mu.Unlock()
	if due {
		s.send(message{Need: &need{Space: id, Epochs: missing}}, 0)
	}
	return true
}
