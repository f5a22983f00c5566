package blobs

import (
	"context"
	"errors"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/link"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// maxServing bounds the streams that one device has here, maxStreams those of
	// all, and maxReading how many of them read from the disk at a time.
	maxServing = 16
	maxStreams = 128
	maxReading = 8
	// idle is how long a stream may stay without a question.
	idle         = time.Minute
	writeTimeout = 2 * time.Minute
)

// serve answers the questions of one stream.
func (e *Engine) serve(ctx context.Context, peer wire.DeviceID, s link.Stream) {
	if !e.enter(peer) {
		return
	}
	defer e.leave(peer)
	stop := context.AfterFunc(ctx, func() { _ = s.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	for ctx.Err() == nil {
		_ = s.SetReadDeadline(time.Now().Add(idle))
		var q question
		if err := wire.Receive(s, maxQuestion, &q); err != nil {
			if errors.Is(err, wire.ErrMalformed) || errors.Is(err, wire.ErrTooLarge) {
				e.Slog.Warn("blob stream closed", "peer", peer.Short(), "err", err)
			}
			return
		}
		if err := e.reply(ctx, peer, s, q); err != nil {
			if ctx.Err() == nil && !errors.Is(err, errWrite) {
				e.Slog.Warn("blob stream closed", "peer", peer.Short(), "err", err)
			}
			return
		}
	}
}

// errWrite: the other side is gone, which is no fault of anybody.
var errWrite = errors.New("answer not written")

// reply answers one question. The buffer of a piece is held only meanwhile.
func (e *Engine) reply(ctx context.Context, peer wire.DeviceID, s link.Stream, q question) error {
	buf := e.buffer()
	defer e.buffers.Put(buf)
	a, piece, err := e.answer(ctx, peer, q, buf[:room])
	if err != nil {
		return err
	}
	_ = s.SetWriteDeadline(time.Now().Add(writeTimeout))
	if len(piece) > room {
		err = sendPiece(s, piece)
	} else {
		err = wire.Send(s, a)
	}
	if err != nil {
		return errWrite
	}
	return nil
}

func (e *Engine) enter(peer wire.DeviceID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.serving[peer] >= maxServing || e.streams >= maxStreams {
		return false
	}
	e.serving[peer]++
	e.streams++
	return true
}

func (e *Engine) leave(peer wire.DeviceID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.streams--
	if e.serving[peer]--; e.serving[peer] == 0 {
		delete(e.serving, peer)
	}
}

// answer says what is here of a space, to somebody who may know. Membership is
// looked at for every question: a removal counts at once. A piece is appended to buf.
func (e *Engine) answer(ctx context.Context, peer wire.DeviceID, q question, buf []byte) (a answer, piece []byte, err error) {
	if err := q.check(); err != nil {
		return a, nil, err
	}
	hashes := q.Has
	if q.Get != nil {
		hashes = []blob.Hash{*q.Get}
	}
	select {
	case e.reading <- struct{}{}:
	case <-ctx.Done():
		return a, nil, ctx.Err()
	}
	defer func() { <-e.reading }()
	flags := make([]bool, len(hashes))
	if e.Shares(q.Space, peer) {
		if flags, err = e.refers(ctx, q.Space, hashes); err != nil {
			return a, nil, err
		}
	}
	if q.Get == nil {
		for i, h := range hashes {
			flags[i] = flags[i] && e.Store.Has(h)
		}
		return answer{Flags: flags}, nil, nil
	}
	if !flags[0] {
		return a, nil, nil
	}
	// Whoever asked hashes what comes; here only what was found wrong is.
	if q.Sound {
		_, err = e.Store.Get(ctx, *q.Get)
	}
	if err == nil {
		piece, err = e.Store.Raw(ctx, *q.Get, buf)
	}
	if errors.Is(err, wire.ErrTooLarge) {
		_, err = e.Store.Get(ctx, *q.Get) // it goes
	}
	if errors.Is(err, blob.ErrMissing) {
		return a, nil, nil
	}
	return a, piece, err
}

// refers tells which pieces a space refers to, by itself or by a node that it refers to.
func (e *Engine) refers(ctx context.Context, space wire.SpaceID, hashes []blob.Hash) ([]bool, error) {
	refs := e.references()
	if refs == nil {
		return make([]bool, len(hashes)), nil
	}
	return e.through(ctx, hashes, func(h []blob.Hash) ([]bool, error) { return refs.Refers(ctx, space, h) })
}

// through asks for hashes, and for the nodes above those that are not known.
func (e *Engine) through(ctx context.Context, hashes []blob.Hash, known func([]blob.Hash) ([]bool, error)) ([]bool, error) {
	flags, err := known(hashes)
	if err != nil {
		return nil, err
	}
	var parents []blob.Hash
	var of []int
	for i, ok := range flags {
		if ok {
			continue
		}
		above, err := e.parents(ctx, hashes[i])
		if err != nil {
			return nil, err
		}
		for _, p := range above {
			parents, of = append(parents, p), append(of, i)
		}
	}
	if len(parents) == 0 {
		return flags, nil
	}
	above, err := known(parents)
	if err != nil {
		return nil, err
	}
	for n, ok := range above {
		flags[of[n]] = flags[of[n]] || ok
	}
	return flags, nil
}

func (e *Engine) parents(ctx context.Context, h blob.Hash) (out []blob.Hash, err error) {
	rows, err := e.DB.Read().QueryContext(ctx, `SELECT parent FROM blobs_inner WHERE hash = ? LIMIT 64`, h[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, store.Classify(err)
		}
		if len(raw) == len(h) {
			out = append(out, blob.Hash(raw))
		}
	}
	return out, store.Classify(rows.Err())
}
