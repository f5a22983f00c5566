package chat

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"unicode/utf16"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/search"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// maxQuestion bounds what somebody looks for, in bytes.
	maxQuestion = 512
	// maxBeginnings bounds the words that the last one of a question may be the beginning of: those that came first.
	maxBeginnings = 64
	// around is how many characters stand before what was found.
	around             = 24
	defaultFound       = 30
	maxFound           = 100
	endOfRows    int64 = 1<<63 - 1
)

// Question is what messages are looked for by; zero values filter nothing.
type Question struct {
	Workspace    wire.SpaceID
	Text         string
	Person       wire.PersonID // author
	Conversation wire.SpaceID
	// From and Until are Unix ms; Until is exclusive.
	From, Until int64
	HasFile     bool
	// Before is a cursor: rows below it.
	Before int64
	Limit  int
}

// hit is a message that was found.
type hit struct {
	message
	row       int64
	space     wire.SpaceID
	workspace wire.SpaceID
}

// Find gives the messages that a question finds, newest first, the cursor of the next page (0: none), and whether
// older messages are still being read in. Only conversations are looked at that this person belongs to.
// Errors: errcode.InvalidArgument.
func (c *Chat) Find(ctx context.Context, q Question) (out []*v1.FoundMessage, next int64, indexing bool, err error) {
	if len(q.Text) > maxQuestion || q.Limit < 0 || q.Limit > maxFound || q.Before < 0 || q.From < 0 || q.Until < 0 {
		return nil, 0, false, errcode.InvalidArgument
	}
	if q.Limit == 0 {
		q.Limit = defaultFound
	}
	if indexing, err = c.settleIndex(ctx); err != nil {
		return nil, 0, false, err
	}
	match, err := c.match(ctx, q)
	if err != nil || match == "" {
		return nil, 0, indexing, err
	}
	hits, err := c.hits(ctx, q, match)
	if err != nil {
		return nil, 0, indexing, err
	}
	if len(hits) > q.Limit {
		hits = hits[:q.Limit]
		next = hits[q.Limit-1].row
	}
	names := map[wire.SpaceID]conversationName{}
	for _, h := range hits {
		m, err := c.hitOut(ctx, h, q.Text, names)
		if err != nil {
			return nil, 0, indexing, err
		}
		out = append(out, m)
	}
	return out, next, indexing, nil
}

// match gives the expression of FTS5 for a question; "" when its text has nothing to look for.
func (c *Chat) match(ctx context.Context, q Question) (string, error) {
	var failed error
	match := search.MatchWith(q.Text, func(beginning string) []string {
		words, err := c.wordsFrom(ctx, beginning)
		failed = err
		return words
	})
	if failed != nil || match == "" && strings.TrimSpace(q.Text) != "" {
		return "", failed
	}
	var marks []string
	if !q.Conversation.IsZero() {
		marks = append(marks, spaceMark(q.Conversation))
	}
	if !q.Person.IsZero() {
		marks = append(marks, personMark(q.Person))
	}
	if q.HasFile {
		marks = append(marks, "f")
	}
	if match == "" && len(marks) == 0 {
		marks = append(marks, "m")
	}
	for _, m := range marks {
		if match != "" {
			match += " AND "
		}
		match += `marks : "` + m + `"`
	}
	return match, nil
}

// wordsFrom lists words of the index that begin with a term.
func (c *Chat) wordsFrom(ctx context.Context, beginning string) (out []string, err error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT word FROM chatsearch_word WHERE word >= ?1 AND word < ?1 || '~' ORDER BY id LIMIT ?2`, beginning, maxBeginnings)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var w string
		if err := rows.Scan(&w); err != nil {
			return nil, store.Classify(err)
		}
		out = append(out, w)
	}
	return out, store.Classify(rows.Err())
}

// hits asks the index, from the newest row down, one more than the limit.
func (c *Chat) hits(ctx context.Context, q Question, match string) ([]hit, error) {
	below, from := endOfRows, int64(0)
	if q.Before > 0 {
		below = q.Before
	}
	if q.From > 0 {
		from = rowFrom(q.From)
	}
	until := endOfRows
	if q.Until > 0 {
		until = q.Until << 16
		below = min(below, rowFrom(q.Until)+rowsPerSecond)
	}
	// CROSS JOIN keeps the index the outer loop: its rows come in order, and the limit ends it.
	query := `SELECT r.row, m.stamp, m.feed, m.seq, m.text, f.person, s.space, s.workspace
		FROM chatsearch_text t CROSS JOIN chatsearch_row r ON r.row = t.rowid CROSS JOIN chat_message m ON m.feed = r.feed AND m.seq = r.seq
		CROSS JOIN chat_room o ON o.id = m.space CROSS JOIN chat_feed f ON f.feed = m.feed AND f.space = o.space CROSS JOIN chat_space s ON s.space = o.space
		LEFT JOIN chat_changed g ON g.space = m.space AND g.stamp = m.stamp AND g.feed = m.feed AND g.seq = m.seq
		WHERE chatsearch_text MATCH ? AND t.rowid < ? AND t.rowid >= ? AND ` + shownIn + ` = ? AND s.active AND m.stamp >= ? AND m.stamp < ?
		AND length(coalesce(g.recaller, x'')) = 0`
	args := []any{match, below, from, q.Workspace[:], q.From << 16, until}
	if !q.Conversation.IsZero() {
		query += ` AND s.space = ?`
		args = append(args, q.Conversation[:])
	}
	if !q.Person.IsZero() {
		query += ` AND f.person = ?`
		args = append(args, q.Person[:])
	}
	rows, err := c.DB.Read().QueryContext(ctx, query+` ORDER BY t.rowid DESC LIMIT ?`, append(args, q.Limit+1)...)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	return scanHits(rows)
}

func scanHits(rows *sql.Rows) (out []hit, err error) {
	for rows.Next() {
		var h hit
		var person, id, workspace []byte
		if err := rows.Scan(&h.row, &h.Stamp, &h.Feed, &h.Seq, &h.text, &person, &id, &workspace); err != nil {
			return nil, store.Classify(err)
		}
		h.person, h.space, h.workspace = wire.PersonID(person), wire.SpaceID(id), wire.SpaceID(workspace)
		out = append(out, h)
	}
	return out, store.Classify(rows.Err())
}

// conversationName is how a conversation is called.
type conversationName struct {
	name string
	kind v1.ConversationKind
}

// hitOut shows a hit.
func (c *Chat) hitOut(ctx context.Context, h hit, text string, names map[wire.SpaceID]conversationName) (*v1.FoundMessage, error) {
	n, known := names[h.space]
	if !known {
		var err error
		if n, err = c.nameOf(ctx, h.space); err != nil {
			return nil, err
		}
		names[h.space] = n
	}
	excerpt, marks := search.Mark(h.text, text, around)
	if len(marks) == 0 {
		inCard, found, err := c.cardExcerpt(ctx, h, text)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 || h.text == "" {
			excerpt, marks = inCard, found
		}
	}
	out := &v1.FoundMessage{
		ConversationId: h.space.String(), ConversationName: n.name, ConversationKind: n.kind, MessageId: h.String(),
		PersonId: h.person.String(), PersonName: c.Name(ctx, h.workspace, h.person), IsMine: h.person == c.Me.Person,
		SentUnixMs: clock.Stamp(h.Stamp).UnixMilli(), Excerpt: excerpt, Marks: Marks(excerpt, marks),
	}
	out.IsExternal = n.kind == v1.ConversationKind_CONVERSATION_KIND_CIRCLE && c.isExternal(h.person)
	files, err := c.attached(ctx, h.space, []message{h.message})
	if err != nil {
		return nil, err
	}
	for _, a := range files[h.MessageKey] {
		name, marks := search.Mark(a.name, text, maxFileName)
		out.Files = append(out.Files, &v1.FoundFile{
			Name: a.name, Marks: Marks(name, marks), Size: int64(a.file.Size), AtUnixMs: out.SentUnixMs,
			ConversationId: out.ConversationId, MessageId: out.MessageId, Index: int32(a.n), PersonName: out.PersonName, IsExternal: out.IsExternal,
		})
	}
	return out, nil
}

func (c *Chat) nameOf(ctx context.Context, id wire.SpaceID) (n conversationName, err error) {
	var kind int
	var workspace, other []byte
	err = c.DB.Read().QueryRowContext(ctx, `SELECT s.kind, s.workspace, s.other, coalesce(n.name, '') FROM chat_space s
		LEFT JOIN chat_naming n ON n.space = s.space WHERE s.space = ?`, id[:]).Scan(&kind, &workspace, &other, &n.name)
	if err != nil {
		return n, store.Classify(err)
	}
	if n.kind = kindOut(space.Kind(kind)); n.kind == v1.ConversationKind_CONVERSATION_KIND_DIRECT && len(other) == len(wire.PersonID{}) {
		n.name = c.Name(ctx, wire.SpaceID(workspace), wire.PersonID(other))
	}
	return n, nil
}

func kindOut(k space.Kind) v1.ConversationKind {
	switch k {
	case space.Workspace:
		return v1.ConversationKind_CONVERSATION_KIND_EVERYONE
	case space.Group:
		return v1.ConversationKind_CONVERSATION_KIND_GROUP
	case space.Direct:
		return v1.ConversationKind_CONVERSATION_KIND_DIRECT
	case space.Meeting:
		return v1.ConversationKind_CONVERSATION_KIND_MEETING
	case space.Circle:
		return v1.ConversationKind_CONVERSATION_KIND_CIRCLE
	}
	return v1.ConversationKind_CONVERSATION_KIND_UNSPECIFIED
}

// Named lists the conversations of a workspace that have a name of their own and that we belong to, and the one of everybody.
func (c *Chat) Named(ctx context.Context, workspace wire.SpaceID) (out []*v1.FoundConversation, err error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT s.space, s.kind, coalesce(n.name, '') FROM chat_space s
		LEFT JOIN chat_naming n ON n.space = s.space WHERE `+shownIn+` = ? AND s.active AND s.kind <> ?`, workspace[:], kindDirect)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id []byte
		var kind int
		v := &v1.FoundConversation{}
		if err := rows.Scan(&id, &kind, &v.Name); err != nil {
			return nil, store.Classify(err)
		}
		v.ConversationId, v.Kind = wire.SpaceID(id).String(), kindOut(space.Kind(kind))
		out = append(out, v)
	}
	return out, store.Classify(rows.Err())
}

// Marks writes spans of a text as the door does: pairs of begin and end in UTF-16 units.
func Marks(text string, spans []search.Span) (out []int32) {
	runes := []rune(text)
	at, units := 0, int32(0)
	to := func(rune int) int32 {
		for ; at < rune && at < len(runes); at++ {
			units += int32(utf16.RuneLen(runes[at]))
		}
		return units
	}
	for _, s := range spans {
		out = append(out, to(s.Start), to(s.End))
	}
	return out
}

// FindMessages serves SearchService.
func (a API) FindMessages(ctx context.Context, r *v1.FindMessagesRequest) (*v1.FindMessagesResponse, error) {
	c, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	q := Question{Workspace: id, Text: r.Text, From: r.FromUnixMs, Until: r.UntilUnixMs, HasFile: r.HasFile, Limit: int(r.Limit)}
	if r.PersonId != "" {
		if q.Person, err = wire.ParsePersonID(r.PersonId); err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
	}
	if r.ConversationId != "" {
		if q.Conversation, err = wire.ParseSpaceID(r.ConversationId); err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
	}
	if r.Cursor != "" {
		if q.Before, err = strconv.ParseInt(r.Cursor, 10, 64); err != nil || q.Before <= 0 {
			return nil, errcode.InvalidArgument
		}
	}
	found, next, indexing, err := c.Find(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &v1.FindMessagesResponse{Messages: found, Indexing: indexing}
	if next > 0 {
		out.NextCursor = strconv.FormatInt(next, 10)
	}
	return out, nil
}
