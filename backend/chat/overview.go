package chat

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// overview says of all conversations of a workspace what their rows in the list need, asked in a few queries however many
// there are. What it says no to need not be asked for one by one; what it says yes to may still turn out to be nothing.
type overview struct {
	last map[wire.SpaceID]message
	// unread, threads, ruled: where something of others is beyond our marks, where there are threads, where somebody set rules.
	unread, threads, ruled map[wire.SpaceID]bool
	faces                  map[wire.SpaceID]faceOf
	// files, records: whether the last message has some.
	files, records map[wire.SpaceID]bool
}

type faceOf struct{ topic, mark string }

func (o *overview) mayUnread(id wire.SpaceID) bool  { return o == nil || o.unread[id] }
func (o *overview) mayThreads(id wire.SpaceID) bool { return o == nil || o.threads[id] }
func (o *overview) mayRules(id wire.SpaceID) bool   { return o == nil || o.ruled[id] }
func (o *overview) mayFiles(id wire.SpaceID) bool   { return o == nil || o.files[id] }
func (o *overview) mayRecords(id wire.SpaceID) bool { return o == nil || o.records[id] }

const (
	traits = `SELECT s.space, EXISTS (SELECT 1 FROM chat_thread t INDEXED BY chat_thread_root WHERE t.space = o.id),
		EXISTS (SELECT 1 FROM chat_rule r WHERE r.space = s.space), coalesce(x.topic, ''), coalesce(x.mark, '')
		FROM chat_space s LEFT JOIN chat_room o ON o.space = s.space LEFT JOIN chat_face x ON x.space = s.space WHERE ` + shownIn + ` = ?`

	// lastMessages has the newest message of each conversation that stands in it.
	lastMessages = messageSelect + `, s.space,
		EXISTS (SELECT 1 FROM chat_attachment a WHERE a.space = m.space AND a.stamp = m.stamp AND a.feed = m.feed AND a.seq = m.seq),
		EXISTS (SELECT 1 FROM chat_record a WHERE a.space = m.space AND a.stamp = m.stamp AND a.feed = m.feed AND a.seq = m.seq)
		FROM chat_space s CROSS JOIN chat_room o ON o.space = s.space
		CROSS JOIN chat_message m ON m.space = o.id AND (m.stamp, m.feed, m.seq) = (SELECT x.stamp, x.feed, x.seq FROM chat_message x
			LEFT JOIN chat_changed y ON y.space = x.space AND y.stamp = x.stamp AND y.feed = x.feed AND y.seq = x.seq
			WHERE x.space = o.id AND x.aside = 0 AND coalesce(y.recaller, x'') <> zeroblob(32) ORDER BY x.stamp DESC, x.feed DESC, x.seq DESC LIMIT 1)` +
		messageJoins + ` WHERE ` + shownIn + ` = ?`

	// beyondMarks has the conversations in which others wrote something that we have no mark of. Of threads it knows nothing.
	beyondMarks = `SELECT DISTINCT f.space FROM chat_space s CROSS JOIN chat_feed f ON f.space = s.space AND f.person <> ?2
		LEFT JOIN chat_read r ON r.space = f.space AND r.person = ?2 AND r.device = f.device AND r.start = f.start
		LEFT JOIN chatlocal_read l ON l.space = f.space AND l.device = f.device AND l.start = f.start
		WHERE ` + shownIn + ` = ?1 AND EXISTS (SELECT 1 FROM chat_message m WHERE m.feed = f.feed AND m.seq > max(coalesce(r.seq, 0), coalesce(l.seq, 0)))`
)

func (c *Chat) overview(ctx context.Context, workspace wire.SpaceID) (*overview, error) {
	set := func() map[wire.SpaceID]bool { return map[wire.SpaceID]bool{} }
	o := &overview{
		last: map[wire.SpaceID]message{}, faces: map[wire.SpaceID]faceOf{},
		unread: set(), threads: set(), ruled: set(), files: set(), records: set(),
	}
	// They wait for the disk and for each other's pages, and each fills maps of its own.
	var work sync.WaitGroup
	var failed [3]error
	work.Go(func() { failed[0] = c.traitsOf(ctx, workspace, o) })
	work.Go(func() { failed[1] = c.lastOf(ctx, workspace, o) })
	work.Go(func() { failed[2] = c.unreadOf(ctx, workspace, o) })
	work.Wait()
	return o, errors.Join(failed[:]...)
}

func (c *Chat) traitsOf(ctx context.Context, workspace wire.SpaceID, o *overview) error {
	return c.each(ctx, traits, func(rows *sql.Rows) error {
		var space []byte
		var threads, ruled bool
		var f faceOf
		if err := rows.Scan(&space, &threads, &ruled, &f.topic, &f.mark); err != nil {
			return err
		}
		id := wire.SpaceID(space)
		o.threads[id], o.ruled[id], o.faces[id] = threads, ruled, f
		return nil
	}, workspace[:])
}

func (c *Chat) lastOf(ctx context.Context, workspace wire.SpaceID, o *overview) error {
	return c.each(ctx, lastMessages, func(rows *sql.Rows) error {
		var space []byte
		var files, records bool
		m, ok, err := scanMessage(rows, &space, &files, &records)
		if err != nil || !ok {
			return err
		}
		id := wire.SpaceID(space)
		o.last[id], o.files[id], o.records[id] = m, files, records
		return nil
	}, workspace[:])
}

func (c *Chat) unreadOf(ctx context.Context, workspace wire.SpaceID, o *overview) error {
	return c.each(ctx, beyondMarks, func(rows *sql.Rows) error {
		var space []byte
		err := rows.Scan(&space)
		if err == nil {
			o.unread[wire.SpaceID(space)] = true
		}
		return err
	}, workspace[:], c.Me.Person[:])
}

// each runs a query and looks at its rows.
func (c *Chat) each(ctx context.Context, query string, row func(*sql.Rows) error, args ...any) error {
	rows, err := c.DB.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return store.Classify(err)
		}
	}
	return store.Classify(rows.Err())
}

// rulesOf is rules for a row of the list.
func (c *Chat) rulesOf(ctx context.Context, v conversation) (rules, error) {
	if !v.known.mayRules(v.id) {
		return rules{}, nil
	}
	return c.rules(ctx, v.id)
}

// faceIn is face for a row of the list.
func (c *Chat) faceIn(ctx context.Context, v conversation) (subject, picture string, err error) {
	if v.known != nil {
		f := v.known.faces[v.id]
		return f.topic, f.mark, nil
	}
	return c.face(ctx, v.id)
}
