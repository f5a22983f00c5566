package chat

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"time"

	"roundtable/backend/search"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed search.sql
var searchSchema string

//go:embed search_record.sql
var searchRecordSchema string

const (
	// indexBatch is how many messages are indexed in one write: few, so that what a person does waits for none of it.
	indexBatch = 100
	// indexEvery is how often the index looks by itself for what is not in it; a question has it look at once.
	indexEvery = time.Second
	// indexWait bounds how long a question waits for messages that have just come.
	indexWait = 250 * time.Millisecond
	// maxSeenWords bounds the words that are known to be in the list without looking.
	maxSeenWords = 50_000
	// searchEpoch is 2020-01-01 in Unix seconds: rows count seconds from there, and rowsPerSecond of them.
	searchEpoch   = 1_577_836_800
	rowsPerSecond = 1 << 16
)

// indexer writes the index.
type indexer struct {
	look chan chan struct{} // look at once, and close it when nothing is left
	seen map[string]bool    // words of the list; Run's alone
}

// unindex notes that what a message is found by may have changed. It is one row, since this is on the way of every message.
func unindex(tx *store.Tx, k MessageKey) error {
	_, err := tx.Exec(`INSERT OR IGNORE INTO chat_unindexed VALUES(?, ?)`, k.Feed, k.Seq)
	return err
}

// unindexSpace notes it of all messages of a space, or of those that are shown ahead of their turn.
func unindexSpace(tx *store.Tx, id wire.SpaceID, early bool) error {
	query := `INSERT OR IGNORE INTO chat_unindexed SELECT feed, seq FROM chat_message WHERE space = (SELECT id FROM chat_room WHERE space = ?)`
	if early {
		query += ` AND flags >= 2`
	}
	_, err := tx.Exec(query, id[:])
	return err
}

// runIndex follows chat_unindexed until ctx ends. After a change of tables everything is in it, and is taken batch by batch
// while the program is used.
func (c *Chat) runIndex(ctx context.Context) {
	tick := time.NewTicker(indexEvery)
	defer tick.Stop()
	var waiting []chan struct{}
	for {
		for n := indexBatch; n == indexBatch && ctx.Err() == nil; {
			begin := time.Now()
			var err error
			if n, err = c.indexSome(ctx); err != nil {
				if ctx.Err() == nil {
					c.Slog.Warn("index messages", "err", err)
				}
				break
			}
			if n == indexBatch && !pauseFor(ctx, time.Since(begin)/4) {
				return
			}
		}
		for _, w := range waiting {
			close(w)
		}
		waiting = nil
		select {
		case <-ctx.Done():
			return
		case w := <-c.indexer.look:
			waiting = append(waiting, w)
		case <-tick.C:
		}
	}
}

func pauseFor(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// settleIndex has what just came indexed, and waits a moment for it. It reports whether there is more to do.
func (c *Chat) settleIndex(ctx context.Context) (indexing bool, err error) {
	left := func() (n int, err error) {
		err = c.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM chat_unindexed LIMIT ?)`, 2*indexBatch).Scan(&n)
		return n, store.Classify(err)
	}
	n, err := left()
	if err != nil || n == 0 {
		return false, err
	}
	w := make(chan struct{})
	wait := time.NewTimer(indexWait)
	defer wait.Stop()
	select {
	case c.indexer.look <- w:
	case <-wait.C:
		return true, nil
	case <-ctx.Done():
		return true, ctx.Err()
	}
	select {
	case <-w:
	case <-wait.C:
	case <-ctx.Done():
	}
	n, err = left()
	return n > 0, err
}

// indexSome takes one batch, and tells how many there were.
func (c *Chat) indexSome(ctx context.Context) (n int, err error) {
	var any int
	if err := c.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM chat_unindexed LIMIT 1)`).Scan(&any); err != nil || any == 0 {
		return 0, store.Classify(err)
	}
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		all, err := unindexed(tx)
		if err != nil {
			return err
		}
		for _, k := range all {
			if err := c.indexOne(tx, k); err != nil {
				return err
			}
			if _, err := tx.Exec(`DELETE FROM chat_unindexed WHERE feed = ? AND seq = ?`, k.Feed, k.Seq); err != nil {
				return err
			}
		}
		n = len(all)
		return nil
	})
	if err != nil {
		clear(c.indexer.seen)
	}
	return n, err
}

func unindexed(tx *store.Tx) (out []MessageKey, err error) {
	rows, err := tx.Query(`SELECT feed, seq FROM chat_unindexed LIMIT ?`, indexBatch)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var k MessageKey
		if err := rows.Scan(&k.Feed, &k.Seq); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, k)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// indexOne brings what one message is found by up to date.
func (c *Chat) indexOne(tx *store.Tx, k MessageKey) error {
	var row int64
	err := tx.QueryRow(`SELECT row FROM chatsearch_row WHERE feed = ? AND seq = ?`, k.Feed, k.Seq).Scan(&row)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if had := err == nil; had {
		_, first := tx.Exec(`DELETE FROM chatsearch_text WHERE rowid = ?`, row)
		_, second := tx.Exec(`DELETE FROM chatsearch_row WHERE row = ?`, row)
		if err := errors.Join(first, second); err != nil {
			return err
		}
	}
	var space, person, recaller []byte
	var room int64
	var text string
	err = tx.QueryRow(`SELECT m.space, m.stamp, m.text, f.space, f.person, coalesce(g.recaller, x'') FROM chat_message m JOIN chat_feed f ON f.feed = m.feed
		LEFT JOIN chat_changed g ON g.space = m.space AND g.stamp = m.stamp AND g.feed = m.feed AND g.seq = m.seq
		WHERE m.feed = ? AND m.seq = ? ORDER BY m.flags & 2 LIMIT 1`, k.Feed, k.Seq).Scan(&room, &k.Stamp, &text, &space, &person, &recaller)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(recaller) > 0 {
		return nil // it is found no more
	}
	if err != nil {
		return err
	}
	files, err := fileNames(tx, room, k)
	if err != nil {
		return err
	}
	marks := "m " + spaceMark(wire.SpaceID(space)) + " " + personMark(wire.PersonID(person))
	for _, name := range files {
		// A break that no phrase goes over.
		text += "\n|\n" + name
	}
	if len(files) > 0 {
		marks += " f"
	}
	said, err := recordText(tx, room, k)
	if err != nil {
		return err
	}
	text += said
	if row, err = freeRow(tx, k); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO chatsearch_row VALUES(?, ?, ?)`, row, k.Feed, k.Seq); err != nil {
		return err
	}
	terms := search.Cut(text)
	if _, err := tx.Exec(`INSERT INTO chatsearch_text(rowid, pairs, singles, marks) VALUES(?, ?, ?, ?)`, row, terms.Pairs, terms.Singles, marks); err != nil {
		return err
	}
	return c.learnWords(tx, search.Words(text))
}

func fileNames(tx *store.Tx, room int64, k MessageKey) (out []string, err error) {
	rows, err := tx.Query(`SELECT name FROM chat_attachment WHERE (space, stamp, feed, seq) = (?, ?, ?, ?) ORDER BY n`, room, k.Stamp, k.Feed, k.Seq)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, name)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

func (c *Chat) learnWords(tx *store.Tx, words []string) error {
	if len(c.indexer.seen) > maxSeenWords {
		clear(c.indexer.seen)
	}
	for _, w := range words {
		if c.indexer.seen[w] {
			continue
		}
		if _, err := tx.Exec(`INSERT OR IGNORE INTO chatsearch_word(word) VALUES(?)`, w); err != nil {
			return err
		}
		c.indexer.seen[w] = true
	}
	return nil
}

// rowFrom is the first row of a time. Stamps of others may be anything; what is before 2020 stands at the beginning.
func rowFrom(unixMs int64) int64 {
	return min(max(unixMs/1000-searchEpoch, 0), 1<<40) * rowsPerSecond
}

// freeRow gives a message a row: in the second of its stamp, in the order of its milliseconds.
func freeRow(tx *store.Tx, k MessageKey) (int64, error) {
	ms := k.Stamp >> 16
	row := rowFrom(ms) + ms%1000*(rowsPerSecond/1000) + k.Stamp&0x3f
	for {
		// The first gap from there on; rows of one second are rarely close to each other.
		var taken bool
		if err := tx.QueryRow(`SELECT EXISTS(SELECT 1 FROM chatsearch_row WHERE row = ?)`, row).Scan(&taken); err != nil || !taken {
			return row, err
		}
		row++
	}
}

func spaceMark(id wire.SpaceID) string   { return "s" + hex.EncodeToString(id[:6]) }
func personMark(id wire.PersonID) string { return "p" + hex.EncodeToString(id[:6]) }
