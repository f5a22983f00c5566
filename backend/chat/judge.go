package chat

import (
	"bytes"
	"database/sql"
	"errors"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/clock"
	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/wire"
)

const (
	// defaultSpan is how long a message may be recalled where a workspace says nothing else.
	defaultSpan = 24 * time.Hour
	// maxSpan bounds what a workspace may say.
	maxSpan = 366 * 24 * time.Hour
	// maxSpans and maxRecalls bound the rows of one person: the last settings of a
	// workspace, the first recalls of one message.
	maxSpans   = 64
	maxRecalls = 8
)

// by is where an event itself stands; of two that contradict each other the later counts.
func by(e eventlog.Event) MessageKey {
	return MessageKey{int64(e.Stamp), feedNumber(e.Space, e.Feed), int64(e.Seq)}
}

// edited keeps the last edit of a message by each person. Only its author's
// counts, and who that is may not be known yet.
func (p *Projection) edited(tx *projection.Tx, e eventlog.Event) error {
	var body messageEdited
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.Message.valid() || !validText(body.Text) || !validMentions(body.Mentions, body.Text) {
		return nil //nolint:nilerr // a body that makes no sense is skipped
	}
	room, err := p.room(tx, e.Space)
	if err != nil {
		return err
	}
	feed, at := body.Message.in(e.Space), by(e)
	_, err = tx.Exec(`INSERT INTO chat_edit VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
		stamp = excluded.stamp, efeed = excluded.efeed, eseq = excluded.eseq, text = excluded.text, mentions = excluded.mentions
		WHERE (excluded.stamp, excluded.efeed, excluded.eseq) > (stamp, efeed, eseq)`,
		room, feed, int64(body.Message.Seq), e.Person[:], at.Stamp, at.Feed, at.Seq, body.Text, wire.MustEncode(body.Mentions))
	if err != nil {
		return err
	}
	return p.deed(tx, e.Space, feed, int64(body.Message.Seq))
}

// recalled keeps who took a message back, and when.
func (p *Projection) recalled(tx *projection.Tx, e eventlog.Event) error {
	var body messageRecalled
	if err := wire.Decode(e.Body, wire.MaxBody, &body); err != nil || !body.Message.valid() {
		return nil //nolint:nilerr // as above
	}
	room, err := p.room(tx, e.Space)
	if err != nil {
		return err
	}
	feed, seq, at := body.Message.in(e.Space), int64(body.Message.Seq), by(e)
	if _, err = tx.Exec(`INSERT OR IGNORE INTO chat_recall VALUES(?, ?, ?, ?, ?, ?, ?)`, room, feed, seq, e.Person[:], at.Stamp, at.Feed, at.Seq); err != nil {
		return err
	}
	if _, err = tx.Exec(`DELETE FROM chat_recall WHERE space = ?1 AND feed = ?2 AND seq = ?3 AND person = ?4 AND (stamp, rfeed, rseq) IN
		(SELECT stamp, rfeed, rseq FROM chat_recall WHERE space = ?1 AND feed = ?2 AND seq = ?3 AND person = ?4 ORDER BY stamp, rfeed, rseq LIMIT -1 OFFSET ?5)`,
		room, feed, seq, e.Person[:], maxRecalls); err != nil {
		return err
	}
	return p.deed(tx, e.Space, feed, seq)
}

// deed notes that something was made of a message, and judges it if it is here.
func (p *Projection) deed(tx *projection.Tx, id wire.SpaceID, feed, seq int64) error {
	if last, known := p.deeds[feed]; known && seq > last {
		p.deeds[feed] = seq
		tx.OnRollback(func() { clear(p.deeds) })
	}
	return p.judge(tx, id, feed, seq)
}

// lastDeed is the last sequence of a feed that is edited or recalled: most feeds
// have none, and then a message need not be looked up.
func (p *Projection) lastDeed(tx *projection.Tx, room, feed int64) (seq int64, err error) {
	if seq, known := p.deeds[feed]; known {
		return seq, nil
	}
	err = tx.QueryRow(`SELECT max(coalesce((SELECT max(seq) FROM chat_edit WHERE space = ?1 AND feed = ?2), 0),
		coalesce((SELECT max(seq) FROM chat_recall WHERE space = ?1 AND feed = ?2), 0))`, room, feed).Scan(&seq)
	if err == nil {
		p.deeds[feed] = seq
		tx.OnRollback(func() { clear(p.deeds) })
	}
	return seq, err
}

// judge works out what became of a message from everything that is known of it
// now: the last edit of its author, and the first recall that was allowed.
func (p *Projection) judge(tx *projection.Tx, id wire.SpaceID, feed, seq int64) error {
	var room int64
	var author []byte
	var text string
	k := MessageKey{Feed: feed, Seq: seq}
	err := tx.QueryRow(`SELECT m.space, m.stamp, m.text, f.person FROM chat_message m JOIN chat_feed f ON f.feed = m.feed
		WHERE m.feed = ? AND m.seq = ? ORDER BY m.flags & 2 LIMIT 1`, feed, seq).Scan(&room, &k.Stamp, &text, &author)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // it comes later, and is judged then
	}
	if err != nil {
		return err
	}
	edited, text, err := p.applyEdit(tx, room, k, author, text)
	if err != nil {
		return err
	}
	barred, err := p.isBarred(tx, id, room, k, author)
	if err != nil {
		return err
	}
	recaller := barredBy
	if !barred {
		if recaller, err = p.recaller(tx, id, room, k, author); err != nil {
			return err
		}
	}
	var was []byte
	if err = tx.QueryRow(`SELECT recaller FROM chat_changed WHERE (space, stamp, feed, seq) = (?, ?, ?, ?)`, room, k.Stamp, feed, seq).Scan(&was); errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	switch {
	case err == nil && edited == 0 && len(recaller) == 0:
		_, err = tx.Exec(`DELETE FROM chat_changed WHERE (space, stamp, feed, seq) = (?, ?, ?, ?)`, room, k.Stamp, feed, seq)
	case err == nil:
		_, err = tx.Exec(`INSERT OR REPLACE INTO chat_changed VALUES(?, ?, ?, ?, ?, ?)`, room, k.Stamp, feed, seq, edited, recaller)
	}
	if err == nil && (len(was) > 0) != (len(recaller) > 0) {
		err = release(tx, room, k, len(recaller) > 0)
	}
	if len(recaller) > 0 {
		text = ""
	}
	tx.Changed("chat", topic(id))
	return errors.Join(err, p.textChanged(tx, room, k, text))
}

// applyEdit gives a message the text of its author's last edit. An edit never
// ends to count while its space is not read anew, so the text before it is not kept.
func (p *Projection) applyEdit(tx *projection.Tx, room int64, k MessageKey, author []byte, text string) (edited int64, now string, err error) {
	var raw []byte
	err = tx.QueryRow(`SELECT stamp, text, mentions FROM chat_edit WHERE space = ? AND feed = ? AND seq = ? AND person = ?`, room, k.Feed, k.Seq, author).Scan(&edited, &now, &raw)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, text, nil
	}
	if err != nil {
		return 0, "", err
	}
	var all []mention
	if err := wire.Decode(raw, wire.MaxBody, &all); err != nil {
		return 0, "", err
	}
	_, first := tx.Exec(`UPDATE chat_message SET text = ? WHERE (space, stamp, feed, seq) = (?, ?, ?, ?)`, now, room, k.Stamp, k.Feed, k.Seq)
	_, second := tx.Exec(`DELETE FROM chat_mention WHERE (space, stamp, feed, seq) = (?, ?, ?, ?)`, room, k.Stamp, k.Feed, k.Seq)
	return edited, now, errors.Join(first, second, mentions(tx, room, k, all))
}

// recaller is who took a message back: its author in time, or somebody who
// manages the space; of several the first. Empty: nobody.
func (p *Projection) recaller(tx *projection.Tx, id wire.SpaceID, room int64, k MessageKey, author []byte) ([]byte, error) {
	rows, err := tx.Query(`SELECT r.person, r.stamp, a.person IS NOT NULL FROM chat_recall r LEFT JOIN chat_admin a ON a.space = ? AND a.person = r.person
		WHERE r.space = ? AND r.feed = ? AND r.seq = ? ORDER BY r.stamp, r.rfeed, r.rseq`, id[:], room, k.Feed, k.Seq)
	if err != nil {
		return nil, err
	}
	type attempt struct {
		person []byte
		stamp  int64
		admin  bool
	}
	var all []attempt
	for rows.Next() {
		var a attempt
		if err := rows.Scan(&a.person, &a.stamp, &a.admin); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		all = append(all, a)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.admin {
			return a.person, nil
		}
		if !bytes.Equal(a.person, author) {
			continue
		}
		span, err := spanAt(tx, id, a.stamp)
		if err != nil {
			return nil, err
		}
		if since := clock.Stamp(a.stamp).UnixMilli() - clock.Stamp(k.Stamp).UnixMilli(); since <= span.Milliseconds() {
			return a.person, nil
		}
	}
	return []byte{}, nil
}

// release lets go of the pieces of a recalled message's files, so that they leave
// the disk; or names them again when the recall turns out not to count.
func release(tx *projection.Tx, room int64, k MessageKey, gone bool) error {
	rows, err := tx.Query(`SELECT file FROM chat_attachment WHERE (space, stamp, feed, seq) = (?, ?, ?, ?)`, room, k.Stamp, k.Feed, k.Seq)
	if err != nil {
		return err
	}
	var files []blob.File
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return errors.Join(err, rows.Close())
		}
		if f, err := blob.DecodeFile(raw); err == nil {
			files = append(files, f)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	query := `INSERT OR IGNORE INTO chat_piece VALUES(?, ?, ?, ?, ?)`
	if gone {
		query = `DELETE FROM chat_piece WHERE (hash, space, stamp, feed, seq) = (?, ?, ?, ?, ?)`
	}
	for _, f := range files {
		for _, h := range f.Hashes() {
			if _, err := tx.Exec(query, h[:], room, k.Stamp, k.Feed, k.Seq); err != nil {
				return err
			}
		}
	}
	return nil
}
