package chat

import (
	"context"
	"errors"
	"strconv"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/name"
	"roundtable/backend/projection"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// maxForward bounds the messages that are forwarded at once, maxTargets into how many conversations.
	maxForward = 100
	maxTargets = 20
)

// forwarded says where a message was before. It is the word of who forwarded it:
// the people of this conversation cannot see the other one.
type forwarded struct {
	_      struct{} `cbor:",toarray"`
	Person wire.PersonID
	Name   string // what its author was called then
	At     uint64 // Unix ms
}

func (f *forwarded) valid() bool {
	if f == nil {
		return true
	}
	clean, err := name.Check(f.Name, wire.MaxName)
	return err == nil && clean == f.Name && !f.Person.IsZero() && f.At < 1<<47
}

func (c *Chat) forwardedOut(f *forwarded) *v1.Forwarded {
	if f == nil {
		return nil
	}
	return &v1.Forwarded{PersonId: f.Person.String(), PersonName: f.Name, SentUnixMs: int64(f.At), IsExternal: c.isExternal(f.Person)}
}

// carries keeps where a message was before.
func carries(tx *projection.Tx, room int64, k MessageKey, f *forwarded) error {
	if f == nil {
		return nil
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO chat_forward VALUES(?, ?, ?, ?, ?, ?, ?)`, room, k.Stamp, k.Feed, k.Seq, f.Person[:], f.Name, int64(f.At))
	return err
}

// keeps makes, in the write that stores the message, files that are here into files
// of another conversation too. Their bytes and keys stay as they are: who has
// them fetches nothing, and who does not may ask for them from now on.
func (c *Chat) keeps(id wire.SpaceID, files []attachment, next func(*store.Tx, eventlog.Event) error) func(*store.Tx, eventlog.Event) error {
	return func(tx *store.Tx, e eventlog.Event) error {
		for _, f := range files {
			if err := c.Blobs.Keep(tx, id, e.Feed.Device, f.File); err != nil {
				return err
			}
		}
		if next == nil {
			return nil
		}
		return next(tx, e)
	}
}

// Forward writes messages of a conversation into others, in their order, and a
// text after them if there is one. With the same nonce it may be called again,
// and writes what is missing.
// Errors: errcode.AttachmentAbsent, errcode.MessageRecalled, errcode.InvalidArgument, those of Post.
func (c *Chat) Forward(ctx context.Context, id wire.SpaceID, all []MessageKey, to []wire.SpaceID, text, nonce string) error {
	return c.forward(ctx, id, all, to, text, nonce, false)
}

// ForwardAsOne writes them into one message, which shows them when it is opened.
// Errors: those of Forward and of asOne.
func (c *Chat) ForwardAsOne(ctx context.Context, id wire.SpaceID, all []MessageKey, to []wire.SpaceID, text, nonce string) error {
	return c.forward(ctx, id, all, to, text, nonce, true)
}

func (c *Chat) forward(ctx context.Context, id wire.SpaceID, all []MessageKey, to []wire.SpaceID, text, nonce string, one bool) error {
	if len(all) == 0 || len(all) > maxForward || len(to) == 0 || len(to) > maxTargets {
		return errcode.InvalidArgument
	}
	v, err := c.conversation(ctx, id)
	if err != nil {
		return err
	}
	var drafts []draft
	for _, k := range all {
		d, err := c.again(ctx, id, v.workspace, k)
		if err != nil {
			return err
		}
		drafts = append(drafts, d)
	}
	if one {
		d, err := asOne(drafts)
		if err != nil {
			return err
		}
		drafts = []draft{d}
	}
	if text != "" {
		if err := checkText(text); err != nil {
			return err
		}
		drafts = append(drafts, draft{messagePosted: messagePosted{Text: text}})
	}
	for _, target := range to {
		if !c.open(target) {
			return errcode.NotMember
		}
	}
	for _, target := range to {
		for n, d := range drafts {
			once := ""
			if nonce != "" {
				once = nonce + "/" + strconv.Itoa(n)
			}
			if _, _, err := c.postOnce(ctx, target, once, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// again makes a draft of a message. What was forwarded before keeps its first author.
func (c *Chat) again(ctx context.Context, id, workspace wire.SpaceID, k MessageKey) (d draft, err error) {
	m, err := c.one(ctx, id, k)
	if err != nil {
		return d, err
	}
	if m.isRecalled() {
		return d, errcode.MessageRecalled
	}
	d.Text, d.Forwarded = m.text, m.forwarded
	held, err := c.records(ctx, id, []message{m})
	if err != nil {
		return d, err
	}
	d.Record = held[k]
	if d.Forwarded == nil {
		d.Forwarded = &forwarded{Person: m.person, Name: c.Name(ctx, workspace, m.person), At: uint64(max(clock.Stamp(m.Stamp).UnixMilli(), 0))}
	}
	if !d.Forwarded.valid() {
		d.Forwarded = nil // whose name is not known yet
	}
	files, err := c.attached(ctx, id, []message{m})
	if err != nil {
		return d, err
	}
	for _, f := range files[k] {
		if c.Blobs == nil {
			return d, errcode.NotReady
		}
		s, err := c.Blobs.State(ctx, f.file.ID())
		if err != nil {
			return d, err
		}
		if s.Phase != blobs.Here {
			return d, errcode.AttachmentAbsent
		}
		d.files = append(d.files, attachment{Name: f.name, Media: f.media, Width: uint32(f.width), Height: uint32(f.height), File: f.file})
	}
	if d.Text == "" && len(d.files) == 0 && d.Record == nil {
		return d, errcode.With(errcode.Internal, errors.New("forward a message of nothing"))
	}
	return d, nil
}

// Forward writes messages into other conversations.
func (a API) Forward(ctx context.Context, r *v1.ForwardRequest) (*v1.ForwardResponse, error) {
	c, id, err := a.in(r.ConversationId)
	if err != nil {
		return nil, err
	}
	if len(r.Nonce) > 100 {
		return nil, errcode.InvalidArgument
	}
	var all []MessageKey
	for _, text := range r.MessageIds {
		k, err := parseKey(text)
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	var to []wire.SpaceID
	for _, text := range r.ToConversationIds {
		target, err := wire.ParseSpaceID(text)
		if err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
		to = append(to, target)
	}
	if r.AsOne {
		return &v1.ForwardResponse{}, c.ForwardAsOne(ctx, id, all, to, r.Text, r.Nonce)
	}
	return &v1.ForwardResponse{}, c.Forward(ctx, id, all, to, r.Text, r.Nonce)
}
