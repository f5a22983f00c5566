package chat

import (
	"context"
	"strings"
	"unicode/utf8"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/projection"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// maxQuote bounds what is shown of the message that another one answers to, in characters.
const maxQuote = 300

// answers keeps which message another one answers to. What that says stands
// nowhere but in itself: a recall takes the quotes with it.
func answers(tx *projection.Tx, id wire.SpaceID, room int64, k MessageKey, to *ref) error {
	if to == nil {
		return nil
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO chat_reply VALUES(?, ?, ?, ?, ?, ?)`, room, k.Stamp, k.Feed, k.Seq, to.in(id), int64(to.Seq))
	return err
}

// place is a message by its feed and sequence, which have one stamp.
type place struct{ feed, seq int64 }

// at finds messages of a conversation by where their authors wrote them.
func (c *Chat) at(ctx context.Context, id wire.SpaceID, all []place) (map[place]message, error) {
	out := map[place]message{}
	for len(all) > 0 {
		some := all[:min(len(all), maxPage)]
		all = all[len(some):]
		args := make([]any, 0, 2*len(some)+1)
		for _, p := range some {
			args = append(args, p.feed, p.seq)
		}
		// The index is named because the plan by the space's own order reads all of it.
		found, err := c.query(ctx, messageSelect+` FROM (VALUES `+strings.Repeat(`(?, ?), `, len(some)-1)+`(?, ?)) v
			CROSS JOIN chat_message m INDEXED BY chat_message_feed ON m.feed = v.column1 AND m.seq = v.column2`+messageJoins+` WHERE f.space = ?`, append(args, id[:])...)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			out[place{m.Feed, m.Seq}] = m
		}
	}
	return out, nil
}

// quotes gives what the messages of a page answer to.
func (c *Chat) quotes(ctx context.Context, id, workspace wire.SpaceID, all []message) (map[place]*v1.Quote, error) {
	var wanted []place
	for _, m := range all {
		if m.reply != nil {
			wanted = append(wanted, *m.reply)
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	found, err := c.at(ctx, id, wanted)
	if err != nil {
		return nil, err
	}
	files, err := c.firstFiles(ctx, id, found)
	if err != nil {
		return nil, err
	}
	cards, err := c.hasRecord(ctx, id, found)
	if err != nil {
		return nil, err
	}
	out := map[place]*v1.Quote{}
	for p, m := range found {
		q := &v1.Quote{MessageId: m.String(), PersonId: m.person.String(), PersonName: c.Name(ctx, workspace, m.person), IsRecalled: m.isRecalled()}
		if !q.IsRecalled {
			q.Text, q.IsRecord = shorten(m.text, maxQuote), cards[p]
			if f, ok := files[m.MessageKey]; ok {
				q.FileName, q.FileCount, q.IsPicture = f.name, int32(f.count), f.picture
			}
		}
		out[p] = q
	}
	return out, nil
}

// shorten cuts a text at a number of characters.
func shorten(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// firstFile is the first file of a message, and how many there are.
type firstFile struct {
	name    string
	count   int
	picture bool
}

func (c *Chat) firstFiles(ctx context.Context, id wire.SpaceID, all map[place]message) (map[MessageKey]firstFile, error) {
	var args []any
	for _, m := range all {
		args = append(args, m.Stamp, m.Feed, m.Seq)
	}
	out := map[MessageKey]firstFile{}
	if len(args) == 0 {
		return out, nil
	}
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT a.stamp, a.feed, a.seq, a.name, a.media, a.width, a.height,
			(SELECT count(*) FROM chat_attachment b WHERE b.space = a.space AND b.stamp = a.stamp AND b.feed = a.feed AND b.seq = a.seq)
		FROM (VALUES `+strings.Repeat(`(?, ?, ?), `, len(all)-1)+`(?, ?, ?)) v
		CROSS JOIN chat_attachment a ON a.space = (SELECT id FROM chat_room WHERE space = ?) AND a.stamp = v.column1 AND a.feed = v.column2 AND a.seq = v.column3 AND a.n = 0`,
		append(args, id[:])...)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var k MessageKey
		var f firstFile
		var media string
		var width, height int64
		if err := rows.Scan(&k.Stamp, &k.Feed, &k.Seq, &f.name, &media, &width, &height, &f.count); err != nil {
			return nil, store.Classify(err)
		}
		f.picture = shows(media, width, height)
		out[k] = f
	}
	return out, store.Classify(rows.Err())
}
