package chat

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/projection"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// maxNoteAt bounds how far into a meeting a note may be, in ms: a week, as long as one can be planned.
	maxNoteAt = 7 * 24 * 3600 * 1000
	// maxNotes bounds the notes of one meeting that are shown, the first ones.
	maxNotes = 2000
	// maxNoted bounds the meetings of a workspace whose notes are counted, the latest ones.
	maxNoted = 1000
)

// note makes a message a note of a meeting. Chat knows meetings by their IDs alone:
// whether there was such a call in the conversation is for the screen to see.
type note struct {
	_    struct{} `cbor:",toarray"`
	Call wire.CallID
	At   uint64 // ms since the meeting began, as its author's device saw it
}

func (n *note) valid() bool { return n == nil || !n.Call.IsZero() && n.At <= maxNoteAt }

// parseNote reads what the door says. Errors: errcode.InvalidArgument.
func parseNote(n *v1.MessageNote) (*note, error) {
	if n == nil {
		return nil, nil
	}
	call, err := wire.ParseCallID(n.CallId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	out := &note{Call: call, At: uint64(n.AtMs)}
	if n.AtMs < 0 || !out.valid() {
		return nil, errcode.InvalidArgument
	}
	return out, nil
}

func (n *note) out() *v1.MessageNote {
	if n == nil {
		return nil
	}
	return &v1.MessageNote{CallId: n.Call.String(), AtMs: int64(n.At)}
}

// jot keeps of which meeting a message is a note.
func jot(tx *projection.Tx, room int64, k MessageKey, n *note) error {
	if n == nil {
		return nil
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO chat_note VALUES(?, ?, ?, ?, ?, ?)`, room, k.Stamp, k.Feed, k.Seq, n.Call[:], int64(n.At))
	return err
}

// notes lists the notes of a meeting in the order of messages, which is one order
// on every device: times within a meeting are said by clocks that may differ.
func (c *Chat) notes(ctx context.Context, id wire.SpaceID, call wire.CallID) ([]message, error) {
	return c.query(ctx, messageColumns+` AND n.call = ? ORDER BY m.stamp, m.feed, m.seq LIMIT ?`, id[:], call[:], maxNotes)
}

// noted counts the notes of each meeting of a workspace, of conversations that we belong to.
func (c *Chat) noted(ctx context.Context, workspace wire.SpaceID) (map[wire.CallID]int, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT n.call, count(*) FROM chat_note n JOIN chat_room r ON r.id = n.space JOIN chat_space s ON s.space = r.space
		WHERE `+shownIn+` = ? AND s.active GROUP BY n.call ORDER BY max(n.stamp) DESC LIMIT ?`, workspace[:], maxNoted)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.CallID]int{}
	for rows.Next() {
		var call []byte
		var n int
		if err := rows.Scan(&call, &n); err != nil {
			return nil, store.Classify(err)
		}
		out[wire.CallID(call)] = n
	}
	return out, store.Classify(rows.Err())
}

// Notes gives the notes of one meeting.
func (a API) Notes(ctx context.Context, r *v1.NotesRequest) (*v1.NotesResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	call, err := wire.ParseCallID(r.CallId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	v, err := c.conversation(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := c.notes(ctx, id, call)
	if err != nil {
		return nil, err
	}
	out := &v1.NotesResponse{}
	out.Notes, err = c.messagesOut(ctx, id, v.workspace, all)
	return out, err
}

// Noted tells of which meetings there are notes.
func (a API) Noted(ctx context.Context, r *v1.NotedRequest) (*v1.NotedResponse, error) {
	c, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	all, err := c.noted(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &v1.NotedResponse{Notes: map[string]int32{}}
	for call, n := range all {
		out.Notes[call.String()] = int32(n)
	}
	return out, nil
}
