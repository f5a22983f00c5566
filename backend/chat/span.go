package chat

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// spanned keeps what somebody says of the span of a workspace. Whether they may
// is asked when it is used: a role may become known later.
func (p *Projection) spanned(tx *projection.Tx, e eventlog.Event) error {
	var body recallSpanSet
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || body.Seconds > uint64(maxSpan/time.Second) {
		return nil //nolint:nilerr // a body that makes no sense is skipped
	}
	at := by(e)
	if _, err := tx.Exec(`INSERT OR IGNORE INTO chat_span VALUES(?, ?, ?, ?, ?, ?)`, e.Space[:], e.Person[:], at.Stamp, at.Feed, at.Seq, int64(body.Seconds)); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM chat_span WHERE workspace = ?1 AND person = ?2 AND (stamp, feed, seq) IN
		(SELECT stamp, feed, seq FROM chat_span WHERE workspace = ?1 AND person = ?2 ORDER BY stamp DESC, feed DESC, seq DESC LIMIT -1 OFFSET ?3)`, e.Space[:], e.Person[:], maxSpans)
	p.judgeWorkspace(tx, e.Space)
	tx.Changed("chat")
	return err
}

// spanQuery is the span of a conversation's workspace at a time: what an
// administrator said last before it.
const spanQuery = `SELECT t.seconds FROM chat_span t JOIN chat_admin a ON a.space = t.workspace AND a.person = t.person
	WHERE t.workspace = (SELECT workspace FROM chat_space WHERE space = ?) AND t.stamp <= ? ORDER BY t.stamp DESC, t.feed DESC, t.seq DESC LIMIT 1`

func spanOf(row interface{ Scan(...any) error }) (time.Duration, error) {
	var seconds int64
	err := row.Scan(&seconds)
	if errors.Is(err, sql.ErrNoRows) {
		return defaultSpan, nil
	}
	return time.Duration(seconds) * time.Second, err
}

func spanAt(tx *projection.Tx, id wire.SpaceID, stamp int64) (time.Duration, error) {
	return spanOf(tx.QueryRow(spanQuery, id[:], stamp))
}

// Span is how long a message of a conversation may be recalled by its author now.
func (c *Chat) Span(ctx context.Context, id wire.SpaceID) (time.Duration, error) {
	d, err := spanOf(c.DB.Read().QueryRowContext(ctx, spanQuery, id[:], int64(math.MaxInt64)))
	return d, store.Classify(err)
}

// SetSpan sets it for a workspace. Errors: errcode.Forbidden, errcode.InvalidArgument.
func (c *Chat) SetSpan(ctx context.Context, workspace wire.SpaceID, span time.Duration) error {
	if span < 0 || span > maxSpan || span%time.Second != 0 {
		return errcode.InvalidArgument
	}
	if !c.manages(workspace) {
		return errcode.Forbidden
	}
	_, err := c.Log.Append(ctx, workspace, eventlog.Draft{Kind: RecallSpanSet, Body: recallSpanSet{Seconds: uint64(span / time.Second)}})
	return err
}

// manages reports whether our person administers a space now.
func (c *Chat) manages(id wire.SpaceID) (ok bool) {
	_ = c.Log.View(id, func(s *space.State) {
		us, in := s.Member(c.Me.Person)
		ok = in && us.Active && us.Role >= space.Admin
	})
	return ok
}

func (c *Chat) spanOut(ctx context.Context, workspace wire.SpaceID) (*v1.RecallSpanResponse, error) {
	d, err := c.Span(ctx, workspace)
	return &v1.RecallSpanResponse{Seconds: int64(d / time.Second), CanSet: c.manages(workspace)}, err
}

func (a API) RecallSpan(ctx context.Context, r *v1.RecallSpanRequest) (*v1.RecallSpanResponse, error) {
	c, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return c.spanOut(ctx, id)
}

func (a API) SetRecallSpan(ctx context.Context, r *v1.SetRecallSpanRequest) (*v1.RecallSpanResponse, error) {
	c, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if r.Seconds < 0 || r.Seconds > int64(maxSpan/time.Second) {
		return nil, errcode.InvalidArgument
	}
	if err := c.SetSpan(ctx, id, time.Duration(r.Seconds)*time.Second); err != nil {
		return nil, err
	}
	return c.spanOut(ctx, id)
}
