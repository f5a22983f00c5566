package chat

import (
	"context"
	_ "embed"

	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed beside.sql
var besideSchema string

// shownIn is the workspace in which a row of chat_space is shown: its own, or the one that this device chose for a circle (kind 9).
const shownIn = `CASE s.kind WHEN 9 THEN (SELECT b.workspace FROM chatbeside_place b WHERE b.space = s.space) ELSE s.workspace END`

// Show keeps in which workspace a conversation is shown that lies in none. It need not be known yet.
func (c *Chat) Show(ctx context.Context, conversation, workspace wire.SpaceID) error {
	err := c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO chatbeside_place VALUES(?, ?) ON CONFLICT DO UPDATE SET workspace = excluded.workspace`, conversation[:], workspace[:])
		return err
	})
	if err == nil {
		c.Publish("chat")
	}
	return err
}

// ShownIn is what Show kept.
func (c *Chat) ShownIn(ctx context.Context, conversation wire.SpaceID) (workspace wire.SpaceID, ok bool) {
	var raw []byte
	err := c.DB.Read().QueryRowContext(ctx, `SELECT workspace FROM chatbeside_place WHERE space = ?`, conversation[:]).Scan(&raw)
	if err != nil || len(raw) != len(workspace) {
		return workspace, false
	}
	return wire.SpaceID(raw), true
}

// Titled says what a conversation with a name of its own is called.
func Titled(title string) eventlog.Draft {
	return eventlog.Draft{Kind: GroupNamed, Body: groupNamed{Name: title}}
}

// externals counts the people of a circle who are of no workspace of ours.
func (c *Chat) externals(id wire.SpaceID) int32 {
	if c.Externals == nil {
		return 0
	}
	return int32(c.Externals(id))
}

// isExternal reports whether a person is of no workspace of ours.
func (c *Chat) isExternal(person wire.PersonID) bool { return c.External != nil && c.External(person) }
