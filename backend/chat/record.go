package chat

import (
	"context"
	"slices"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/name"
	"roundtable/backend/projection"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// maxEntries bounds the messages of a record, with those of records in it; maxRecordText the bytes of all texts together.
	maxEntries    = 500
	maxRecordText = 64 << 10
	// maxRecordFiles bounds the files of a record: they are attachments of the message that holds it.
	maxRecordFiles = 100
	// maxDepth is how deep records stand in each other.
	maxDepth = 3
	// maxLines and maxLine bound what a card shows, maxNames the people whom it names.
	maxLines = 4
	maxLine  = 120
	maxNames = 3
)

// record is several messages of another conversation in one. Like forwarded it is the
// word of who forwarded them: the people of this conversation cannot see the other one.
// Records within it are laid out flat, so that nothing has to be read by recursion.
type record struct {
	_       struct{} `cbor:",toarray"`
	Entries []entry
}

// entry is a message of a record.
type entry struct {
	_      struct{} `cbor:",toarray"`
	Person wire.PersonID
	Name   string // what its author was called then
	At     uint64 // Unix ms
	Text   string
	// Files counts its files: they are the next ones among the attachments of the message that holds the record.
	Files uint64
	// In is 0, or the place (from 1) of an earlier entry: that one was a record, and this one stood in it.
	In uint64
	// Record: others stand in this one.
	Record bool
}

// validCount bounds the files of a message; those of a record are counted by its entries.
func validCount(body messagePosted) bool {
	if body.Record == nil {
		return len(body.Attachments) <= MaxAttachments
	}
	return len(body.Attachments) <= maxRecordFiles && body.Record.valid(len(body.Attachments))
}

// valid reports whether a record holds together.
func (r *record) valid(files int) bool {
	if len(r.Entries) == 0 || len(r.Entries) > maxEntries {
		return false
	}
	depth, filled := make([]int, len(r.Entries)), make([]bool, len(r.Entries))
	left, text := uint64(files), 0
	for i, e := range r.Entries {
		clean, err := name.Check(e.Name, wire.MaxName)
		if err != nil || clean != e.Name || e.Person.IsZero() || e.At >= 1<<47 || e.In > uint64(i) || e.Files > left {
			return false
		}
		if e.In > 0 {
			if !r.Entries[e.In-1].Record {
				return false
			}
			depth[i], filled[e.In-1] = depth[e.In-1]+1, true
		}
		if depth[i] >= maxDepth || e.Text != "" && !validText(e.Text) || e.Text == "" && e.Files == 0 && !e.Record {
			return false
		}
		left -= e.Files
		text += len(e.Text)
	}
	for i, e := range r.Entries {
		if e.Record != filled[i] {
			return false
		}
	}
	return left == 0 && text <= maxRecordText
}

// deepest is how deep records stand in it.
func (r *record) deepest() (most int) {
	depth := make([]int, len(r.Entries))
	for i, e := range r.Entries {
		if e.In > 0 {
			depth[i] = depth[e.In-1] + 1
		}
		most = max(most, depth[i])
	}
	return most
}

// holds keeps the record of a message.
func holds(tx *projection.Tx, room int64, k MessageKey, r *record) error {
	if r == nil {
		return nil
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO chat_record VALUES(?, ?, ?, ?, ?)`, room, k.Stamp, k.Feed, k.Seq, wire.MustEncode(r))
	return err
}

// records reads what messages that stand in order hold.
func (c *Chat) records(ctx context.Context, id wire.SpaceID, all []message) (map[MessageKey]*record, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT stamp, feed, seq, body FROM chat_record
		WHERE space = (SELECT id FROM chat_room WHERE space = ?) AND (stamp, feed, seq) BETWEEN (?, ?, ?) AND (?, ?, ?)`, span(id, all)...)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[MessageKey]*record{}
	for rows.Next() {
		var k MessageKey
		var raw []byte
		if err := rows.Scan(&k.Stamp, &k.Feed, &k.Seq, &raw); err != nil {
			return nil, store.Classify(err)
		}
		r := &record{}
		if err := wire.Decode(raw, wire.MaxBody, r); err != nil {
			return nil, err
		}
		out[k] = r
	}
	return out, store.Classify(rows.Err())
}

// hasRecord tells which of some messages hold a record.
func (c *Chat) hasRecord(ctx context.Context, id wire.SpaceID, all map[place]message) (map[place]bool, error) {
	out := map[place]bool{}
	if len(all) == 0 {
		return out, nil
	}
	var args []any
	for _, m := range all {
		args = append(args, m.Stamp, m.Feed, m.Seq)
	}
	found, err := c.places(ctx, `SELECT a.feed, a.seq FROM (VALUES `+strings.Repeat(`(?, ?, ?), `, len(all)-1)+`(?, ?, ?)) v
		CROSS JOIN chat_record a ON a.space = (SELECT id FROM chat_room WHERE space = ?) AND a.stamp = v.column1 AND a.feed = v.column2 AND a.seq = v.column3`,
		append(args, id[:])...)
	for _, p := range found {
		out[p] = true
	}
	return out, err
}

// summary is what a card shows; nil where there is none.
func (r *record) summary(files []attachedFile, external func(wire.PersonID) bool) *v1.RecordSummary {
	if r == nil {
		return nil
	}
	out := &v1.RecordSummary{}
	people := map[wire.PersonID]bool{}
	next := 0
	for _, e := range r.Entries {
		mine := files[min(next, len(files)):min(next+int(e.Files), len(files))]
		next += int(e.Files)
		if e.In > 0 {
			continue
		}
		out.Count++
		if !people[e.Person] {
			people[e.Person] = true
			out.HasExternals = out.HasExternals || external(e.Person)
			out.PersonNames = append(out.PersonNames, e.Name)
		}
		if len(out.Lines) < maxLines {
			l := &v1.RecordLine{PersonName: e.Name, Text: shorten(e.Text, maxLine), FileCount: int32(len(mine)), IsRecord: e.Record, IsExternal: external(e.Person)}
			if len(mine) > 0 {
				l.FileName, l.IsPicture = mine[0].name, shows(mine[0].media, mine[0].width, mine[0].height)
			}
			out.Lines = append(out.Lines, l)
		}
	}
	out.People = int32(len(people))
	out.PersonNames = out.PersonNames[:min(len(out.PersonNames), maxNames)]
	return out
}

// asOne makes one draft of several, whose files become those of one message.
// Errors: errcode.RecordTooLong (max), errcode.RecordTooDeep (max), errcode.RecordFiles (max).
func asOne(all []draft) (draft, error) {
	r, files, text := &record{}, []attachment(nil), 0
	for _, d := range all {
		files = append(files, d.files...)
		from := d.Forwarded
		if from == nil { // whose name is not known
			return draft{}, errcode.NotFound
		}
		e := entry{Person: from.Person, Name: from.Name, At: from.At, Text: d.Text, Files: uint64(len(d.files))}
		var inner []entry
		if d.Record != nil {
			if d.Record.deepest()+2 > maxDepth {
				return draft{}, errcode.Of(errcode.RecordTooDeep, "max", maxDepth)
			}
			e.Record, e.Files = true, 0
			base := uint64(len(r.Entries) + 1)
			for _, x := range d.Record.Entries {
				x.In += base // places are counted on from the entry that stands for the record; what had none is in that one
				inner = append(inner, x)
			}
		}
		r.Entries = append(append(r.Entries, e), inner...)
	}
	for _, e := range r.Entries {
		text += len(e.Text)
	}
	switch {
	case len(files) > maxRecordFiles:
		return draft{}, errcode.Of(errcode.RecordFiles, "max", maxRecordFiles)
	case text > maxRecordText || len(r.Entries) > maxEntries:
		return draft{}, errcode.Of(errcode.RecordTooLong, "max", maxRecordText)
	}
	d := draft{files: slices.Clip(files)}
	d.Record = r
	return d, nil
}

// RecordAPI serves RecordService.
type RecordAPI struct{ API }

// Record gives what a message that has a record holds.
func (a RecordAPI) Record(ctx context.Context, r *v1.MessageName) (*v1.RecordResponse, error) {
	c, id, k, err := a.attachmentOf(r.ConversationId, r.MessageId)
	if err != nil {
		return nil, err
	}
	m, err := c.one(ctx, id, k)
	if err != nil {
		return nil, err
	}
	found, err := c.records(ctx, id, []message{m})
	if err != nil {
		return nil, err
	}
	held := found[k]
	if held == nil || m.isRecalled() {
		return nil, errcode.NotFound
	}
	v, err := c.conversation(ctx, id)
	if err != nil {
		return nil, err
	}
	whole, err := c.messagesOut(ctx, id, v.workspace, []message{m})
	if err != nil || len(whole) == 0 {
		return nil, orElse(err, errcode.NotFound)
	}
	return &v1.RecordResponse{Entries: held.out(whole[0].Attachments, c.isExternal)}, nil
}

// out lays the entries of a record into each other, with their files.
func (r *record) out(files []*v1.Attachment, external func(wire.PersonID) bool) (top []*v1.RecordEntry) {
	all := make([]*v1.RecordEntry, len(r.Entries))
	for i, e := range r.Entries {
		n := min(int(e.Files), len(files))
		all[i] = &v1.RecordEntry{PersonId: e.Person.String(), PersonName: e.Name, SentUnixMs: int64(e.At), Text: e.Text, Attachments: files[:n], IsExternal: external(e.Person)}
		files = files[n:]
		if e.In > 0 {
			in := all[e.In-1]
			in.Entries = append(in.Entries, all[i])
		} else {
			top = append(top, all[i])
		}
	}
	return top
}
