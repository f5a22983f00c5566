package chat

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"roundtable/backend/search"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// recordText is what a card of several messages is found by: who said what. It begins
// with a break that no phrase goes over; "" where there is no card.
func recordText(tx *store.Tx, room int64, k MessageKey) (string, error) {
	var raw []byte
	err := tx.QueryRow(`SELECT body FROM chat_record WHERE (space, stamp, feed, seq) = (?, ?, ?, ?)`, room, k.Stamp, k.Feed, k.Seq).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	r := &record{}
	if err := wire.Decode(raw, wire.MaxBody, r); err != nil {
		return "", err
	}
	var b strings.Builder
	for _, e := range r.Entries {
		b.WriteString("\n|\n" + e.Name + "\n|\n" + e.Text)
	}
	return b.String(), nil
}

// cardExcerpt shows, of a card, the message in which something was found; "" where it was
// found elsewhere.
func (c *Chat) cardExcerpt(ctx context.Context, h hit, text string) (excerpt string, marks []search.Span, err error) {
	found, err := c.records(ctx, h.space, []message{h.message})
	if err != nil || found[h.MessageKey] == nil {
		return "", nil, err
	}
	for _, e := range found[h.MessageKey].Entries {
		said := e.Name
		if e.Text != "" {
			said += ": " + e.Text
		}
		if excerpt, marks = search.Mark(said, text, around); len(marks) > 0 {
			return excerpt, marks, nil
		}
	}
	return "", nil, nil
}
