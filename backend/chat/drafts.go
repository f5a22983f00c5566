package chat

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"strings"

	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed drafts.sql
var draftSchema string

const (
	// maxDraft is more than a message may have: who wrote too much shortens it later.
	maxDraft = 4 * wire.MaxMessageText
	// maxDrafts bounds a list of them.
	maxDrafts = 1000
	// briefDraft is how much of a draft a list shows, in characters.
	briefDraft = 120
)

// unsent is what somebody wrote and did not send.
type unsent struct {
	space    wire.SpaceID
	thread   string
	changed  int64 // Unix ms
	text     string
	reply    string
	mentions []mention
}

func (u unsent) isNothing() bool { return strings.TrimSpace(u.text) == "" && u.reply == "" }

// looks reports whether a list shows two drafts alike.
func (u unsent) looks(like unsent) bool {
	return u.isNothing() == like.isNothing() && brief(u.text) == brief(like.text) && (u.reply == "") == (like.reply == "")
}

func brief(text string) string {
	n := 0
	for at := range text {
		if n++; n > briefDraft {
			return text[:at]
		}
	}
	return text
}

// keepDraft puts a draft in the place of the one before; first leaves one that is there.
// Errors: errcode.MessageTooLong (max), errcode.DiskFull.
func (c *Chat) keepDraft(ctx context.Context, u unsent, first bool) error {
	if len(u.text) > maxDraft {
		return errcode.Of(errcode.MessageTooLong, "max", maxDraft)
	}
	news := false
	err := c.DB.Write(ctx, func(tx *store.Tx) error {
		before, err := scanDraft(tx.QueryRow(draftColumns+` WHERE space = ? AND thread = ?`, u.space[:], u.thread))
		there := err == nil
		if err != nil && !errors.Is(err, sql.ErrNoRows) || there && first {
			return errors.Join(err)
		}
		news = !u.looks(before)
		if u.isNothing() {
			return forgetDraft(tx, u.space, u.thread)
		}
		_, err = tx.Exec(`INSERT OR REPLACE INTO chatdraft_text VALUES(?, ?, ?, ?, ?, ?)`, u.space[:], u.thread, c.Clock.Now().UnixMilli(), u.text, u.reply, wire.MustEncode(u.mentions))
		return err
	})
	if err == nil && news { // who types on does not have every list asked for again
		c.Publish("drafts")
	}
	return err
}

func forgetDraft(tx *store.Tx, id wire.SpaceID, thread string) error {
	_, err := tx.Exec(`DELETE FROM chatdraft_text WHERE space = ? AND thread = ?`, id[:], thread)
	return err
}

// spent ends, in the write that keeps a message, the draft that it was: a program that dies
// then has one or the other. What was typed meanwhile is another text, and stays.
func (c *Chat) spent(id wire.SpaceID, d draft) func(*store.Tx, eventlog.Event) error {
	thread := ""
	if d.Thread != nil {
		thread = place{feed: d.Thread.Root.in(id), seq: int64(d.Thread.Root.Seq)}.thread()
	}
	return func(tx *store.Tx, _ eventlog.Event) error {
		before, err := scanDraft(tx.QueryRow(draftColumns+` WHERE space = ? AND thread = ?`, id[:], thread))
		if errors.Is(err, sql.ErrNoRows) || err == nil && strings.TrimSpace(before.text) != strings.TrimSpace(d.Text) {
			return nil
		}
		if err != nil {
			return err
		}
		tx.Tell(func() { c.Publish("drafts") })
		return forgetDraft(tx, id, thread)
	}
}

const draftColumns = `SELECT space, thread, changed, text, reply, mentions FROM chatdraft_text`

func scanDraft(row interface{ Scan(...any) error }) (u unsent, err error) {
	var id, whom []byte
	if err := row.Scan(&id, &u.thread, &u.changed, &u.text, &u.reply, &whom); err != nil {
		return u, err
	}
	u.space = wire.SpaceID(id)
	return u, wire.Decode(whom, wire.MaxBody, &u.mentions)
}

// draftOf a place; nothing where there is none.
func (c *Chat) draftOf(ctx context.Context, id wire.SpaceID, thread string) (unsent, error) {
	u, err := scanDraft(c.DB.Read().QueryRowContext(ctx, draftColumns+` WHERE space = ? AND thread = ?`, id[:], thread))
	if errors.Is(err, sql.ErrNoRows) {
		return unsent{space: id, thread: thread}, nil
	}
	return u, store.Classify(err)
}

// drafts lists them, the latest first.
func (c *Chat) drafts(ctx context.Context) (out []unsent, err error) {
	rows, err := c.DB.Read().QueryContext(ctx, draftColumns+` ORDER BY changed DESC, space, thread LIMIT ?`, maxDrafts)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		u, err := scanDraft(rows)
		if err != nil {
			return nil, store.Classify(err)
		}
		out = append(out, u)
	}
	return out, store.Classify(rows.Err())
}
