package chat

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local_scheduled.sql
var scheduledSchema string

const (
	// maxScheduled bounds the messages that wait on one device.
	maxScheduled = 500
	// maxAhead is how far ahead a message may be scheduled.
	maxAhead = 366 * 24 * time.Hour
	// onTime is how late a message may go out and still be what was asked for.
	onTime = 2 * time.Minute
	// lateLife is how late one is sent without a question, where its author said nothing else.
	lateLife = time.Hour
	// lookEvery bounds how long a clock that was set, or a computer that slept, goes unnoticed: timers stand still in sleep.
	lookEvery = 20 * time.Second
)

// States of a scheduled message are those of the door.
const (
	schedWaiting = int(v1.ScheduledState_SCHEDULED_STATE_WAITING)
	schedAsking  = int(v1.ScheduledState_SCHEDULED_STATE_ASKING)
	schedFailed  = int(v1.ScheduledState_SCHEDULED_STATE_FAILED)
	schedLate    = int(v1.ScheduledState_SCHEDULED_STATE_SENT_LATE)
)

// scheduled is a message that waits.
type scheduled struct {
	id      string
	space   wire.SpaceID
	due     int64
	state   int
	err     string
	body    messagePosted
	sent    int64
	message string
	uploads []string
}

// sendable reports whether it may still be sent.
func (s scheduled) sendable() bool { return s.state != schedLate }

// errSent undoes the write of a message that was sent already.
var errSent = errors.New("scheduled message is sent already")

const scheduledColumns = `SELECT id, space, due, state, error, body, sent, message FROM chatlocal_scheduled `

func (c *Chat) scheduledRows(ctx context.Context, rest string, args ...any) (out []scheduled, err error) {
	rows, err := c.DB.Read().QueryContext(ctx, scheduledColumns+rest, args...)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s scheduled
		var id, body []byte
		if err := rows.Scan(&s.id, &id, &s.due, &s.state, &s.err, &body, &s.sent, &s.message); err != nil {
			return nil, store.Classify(err)
		}
		if err := wire.Decode(body, wire.MaxBody, &s.body); err != nil {
			return nil, err
		}
		s.space = wire.SpaceID(id)
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		return nil, store.Classify(err)
	}
	for i := range out {
		if out[i].uploads, err = c.texts(ctx, `SELECT upload FROM chatlocal_scheduled_upload WHERE scheduled = ? ORDER BY n`, out[i].id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// scheduledOne finds one. Errors: errcode.NotFound.
func (c *Chat) scheduledOne(ctx context.Context, id string) (scheduled, error) {
	all, err := c.scheduledRows(ctx, `WHERE id = ?`, id)
	if err != nil {
		return scheduled{}, err
	}
	if len(all) == 0 {
		return scheduled{}, errcode.NotFound
	}
	return all[0], nil
}

// Schedule keeps a message until its time. Errors: errcode.ScheduledPast, errcode.ScheduledLimit (max), errcode.InvalidArgument, and those of writing one.
func (c *Chat) schedule(ctx context.Context, id wire.SpaceID, d draft, at int64, nonce string) (string, error) {
	if err := c.checkDue(at); err != nil {
		return "", err
	}
	if err := checkText(d.Text); err != nil && (d.Text != "" || len(d.uploads) == 0) {
		return "", err
	}
	if len(d.uploads) > MaxAttachments {
		return "", errcode.Of(errcode.AttachmentLimit, "max", MaxAttachments)
	}
	if !c.open(id) {
		return "", errcode.NotMember
	}
	c.scheduling.mu.Lock()
	defer c.scheduling.mu.Unlock()
	if nonce != "" {
		if known, err := c.texts(ctx, `SELECT id FROM chatlocal_scheduled WHERE space = ? AND nonce = ?`, id[:], nonce); err != nil || len(known) > 0 {
			return append(known, "")[0], err
		}
	}
	// Held until they are the scheduled message's: nobody sends or cancels them meanwhile.
	p, err := c.enclose(ctx, id, d.uploads)
	if err != nil {
		return "", err
	}
	defer p.end()
	key := "sch_" + hex.EncodeToString(wire.Random(16))
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		var n int
		if err := tx.QueryRow(`SELECT count(*) FROM chatlocal_scheduled`).Scan(&n); err != nil {
			return err
		}
		if n >= maxScheduled {
			return errcode.Of(errcode.ScheduledLimit, "max", maxScheduled)
		}
		if _, err := tx.Exec(`INSERT INTO chatlocal_scheduled VALUES(?, ?, ?, ?, ?, '', ?, 0, '')`, key, id[:], nonce, at, schedWaiting, wire.MustEncode(d.messagePosted)); err != nil {
			return err
		}
		for i, upload := range d.uploads {
			if _, err := tx.Exec(`INSERT INTO chatlocal_scheduled_upload VALUES(?, ?, ?)`, upload, key, i); err != nil {
				return errcode.With(errcode.NotFound, err) // another message's
			}
		}
		return c.spent(id, d)(tx, eventlog.Event{})
	})
	if err != nil {
		return "", err
	}
	c.uploads.reserve(d.uploads, true)
	c.scheduling.look()
	c.Publish("scheduled")
	return key, nil
}

func (c *Chat) checkDue(at int64) error {
	now := c.Clock.Now()
	switch {
	case at <= now.UnixMilli():
		return errcode.ScheduledPast
	case at > now.Add(maxAhead).UnixMilli():
		return errcode.InvalidArgument
	}
	return nil
}

// changeScheduled gives one another text (nil: the same) or time (0: the same), and lets it wait again.
func (c *Chat) changeScheduled(ctx context.Context, s scheduled, text *string, whom []mention, at int64) error {
	if !s.sendable() {
		return errcode.NotFound
	}
	body := s.body
	if text != nil {
		if err := checkText(*text); err != nil && (*text != "" || len(s.uploads) == 0) {
			return err
		}
		body.Text, body.Mentions = *text, whom
	}
	due := s.due
	if at != 0 {
		due = at
	}
	if at != 0 || s.state == schedWaiting {
		if err := c.checkDue(due); err != nil {
			return err
		}
	}
	state := s.state
	if at != 0 {
		state = schedWaiting
	}
	c.scheduling.mu.Lock()
	defer c.scheduling.mu.Unlock()
	err := c.DB.Write(ctx, func(tx *store.Tx) error {
		r, err := tx.Exec(`UPDATE chatlocal_scheduled SET body = ?, due = ?, state = ?, error = CASE WHEN ? = ? THEN '' ELSE error END WHERE id = ? AND state <> ?`,
			wire.MustEncode(body), due, state, state, schedWaiting, s.id, schedLate)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errcode.NotFound) // it was sent meanwhile
		}
		return nil
	})
	c.scheduling.look()
	c.Publish("scheduled")
	return err
}

// dropScheduled forgets one, with its files unless they go back to the composer.
func (c *Chat) dropScheduled(ctx context.Context, id string, keep bool) error {
	c.scheduling.mu.Lock()
	defer c.scheduling.mu.Unlock()
	s, err := c.scheduledOne(ctx, id)
	if errors.Is(err, errcode.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.DB.Write(ctx, func(tx *store.Tx) error { return forgetScheduled(tx, id) }); err != nil {
		return err
	}
	c.uploads.reserve(s.uploads, false)
	c.Publish("scheduled")
	if keep || !s.sendable() {
		return nil
	}
	for _, upload := range s.uploads {
		err = errors.Join(err, c.CancelUpload(ctx, upload))
	}
	return err
}

func forgetScheduled(tx *store.Tx, id string) error {
	_, first := tx.Exec(`DELETE FROM chatlocal_scheduled_upload WHERE scheduled = ?`, id)
	_, second := tx.Exec(`DELETE FROM chatlocal_scheduled WHERE id = ?`, id)
	return errors.Join(first, second)
}

// sendScheduled writes one now. The row ends in the write that stores the message, so
// that it is sent once, wherever the program dies. late keeps a remark of it.
// Errors: errcode.NotFound (it is sent), and those of writing a message.
func (c *Chat) sendScheduled(ctx context.Context, id string, late bool) (wire.SpaceID, MessageKey, error) {
	c.scheduling.mu.Lock()
	defer c.scheduling.mu.Unlock()
	s, err := c.scheduledOne(ctx, id)
	if err == nil && !s.sendable() {
		err = errcode.NotFound
	}
	if err != nil {
		return s.space, MessageKey{}, err
	}
	d := draft{messagePosted: s.body, uploads: s.uploads}
	d.also = func(tx *store.Tx, e eventlog.Event) error {
		var state int
		err := tx.QueryRow(`SELECT state FROM chatlocal_scheduled WHERE id = ?`, id).Scan(&state)
		if errors.Is(err, sql.ErrNoRows) || err == nil && state == schedLate {
			return errSent
		}
		if err != nil || !late {
			return errors.Join(err, forgetScheduled(tx, id))
		}
		k := MessageKey{int64(e.Stamp), feedNumber(s.space, e.Feed), int64(e.Seq)}
		_, first := tx.Exec(`UPDATE chatlocal_scheduled SET state = ?, error = '', sent = ?, message = ? WHERE id = ?`, schedLate, c.Clock.Now().UnixMilli(), k.String(), id)
		_, second := tx.Exec(`DELETE FROM chatlocal_scheduled_upload WHERE scheduled = ?`, id)
		return errors.Join(first, second)
	}
	k, _, err := c.postOnce(ctx, s.space, "", d)
	if errors.Is(err, errSent) {
		err = errcode.NotFound
	}
	c.Publish("scheduled")
	return s.space, k, err
}

// reserve says of uploads whether a scheduled message has them: they are not offered
// for the next one, and do not expire.
func (u *uploads) reserve(names []string, later bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, name := range names {
		if x := u.all[name]; x != nil {
			x.later = later
		}
	}
}

// openScheduled takes up which uploads wait with a scheduled message.
func (c *Chat) openScheduled(ctx context.Context) error {
	all, err := c.texts(ctx, `SELECT upload FROM chatlocal_scheduled_upload`)
	c.uploads.reserve(all, true)
	return err
}
