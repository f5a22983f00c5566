package contracts

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"roundtable/backend/blob"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Sending is a contract that is about to be sent.
type Sending struct {
	Workspace                wire.SpaceID
	Title, Message, Language string
	// Parties numbered from 1 in order. Who has no Person comes from outside, by a link.
	Parties []flow.Party
	Fields  []flow.Field
	// Path is the document with all its fields placed; Name and Pages are said of it.
	Path, Name string
	Pages      int
	// Deadline and Ends in Unix ms, 0: none.
	Deadline, Ends int64
	RemindDays     int
	// AccessCode seals the document; "" for none.
	AccessCode string
	Tags       []string
	// with is written together with it.
	with func(tx *store.Tx, id wire.SpaceID) error
}

// send freezes a document and sends it to its parties. It is sent when it returns nil, and else not at all.
// Errors: errcode.Forbidden (who sends or receives is no member), errcode.AccessCodeShort (min), errcode.DiskFull, errcode.InvalidArgument.
func (c *Contracts) send(ctx context.Context, s Sending) (wire.SpaceID, error) {
	adds, err := c.letIn(s)
	if err != nil {
		return wire.SpaceID{}, err
	}
	body := &flow.Sent{Title: s.Title, Message: s.Message, Parties: s.Parties, Fields: s.Fields, Deadline: s.Deadline, RemindDays: uint16(max(0, s.RemindDays)),
		Language: s.Language, Ends: s.Ends, Document: flow.Document{Name: s.Name, Pages: uint32(max(0, s.Pages))}}
	for i := range body.Parties {
		if p := &body.Parties[i]; p.Name == "" && !p.Person.IsZero() {
			p.Name = c.Name(ctx, s.Workspace, p.Person)
		}
	}
	var l local
	f, err := c.freeze(ctx, s, body, &l)
	if err != nil {
		return wire.SpaceID{}, err
	}
	if _, _, err := flow.Decode(flow.KindSent, wire.MustEncode(body)); err != nil {
		return wire.SpaceID{}, errcode.With(errcode.InvalidArgument, err)
	}
	create := space.Create{Kind: space.Contract, Workspace: s.Workspace, Nonce: [16]byte(wire.Random(16)), Parties: []space.Party{c.Me}}
	var drafts []eventlog.Draft
	if s.outsiders() {
		create.Kind, create.Workspace = space.Between, wire.SpaceID{}
		drafts = c.Outside.Beginning(ctx, s.Workspace, s.Title)
	}
	id := create.NewID(c.Log.Self())
	if err := c.shelve(id, body.Document.SHA256, s.Path); err != nil {
		return wire.SpaceID{}, err
	}
	leaf := c.leaf(ctx, s.Workspace, id, body, body.Document.SHA256)
	drafts = append(drafts, eventlog.Draft{Kind: flow.KindSent, Body: body, Then: func(tx *store.Tx, e eventlog.Event) error {
		if err := keepLocal(tx, id, l, s.Tags); err != nil {
			return err
		}
		if s.with != nil {
			if err := s.with(tx, id); err != nil {
				return err
			}
		}
		if len(body.Document.Salt) > 0 {
			if err := learnPieces(tx, id, f); err != nil {
				return err
			}
		}
		if err := c.Blobs.Keep(tx, id, e.Feed.Device, f); err != nil {
			return err
		}
		return c.note(tx, e, leaf)
	}})
	_, err = c.Log.Create(ctx, create, adds, drafts...)
	return id, err
}

// letIn gives the people who belong to a contract from the beginning. Copies come when it is complete.
func (c *Contracts) letIn(s Sending) (adds []space.Add, err error) {
	if _, in := c.PartyOf(s.Workspace, c.Me.Person); !in || s.outsiders() && c.Outside == nil {
		return nil, errcode.Forbidden
	}
	in := map[wire.PersonID]int{}
	for _, p := range s.Parties {
		if p.Person.IsZero() {
			if p.Name == "" {
				return nil, errcode.InvalidArgument
			}
			continue
		}
		party, ok := c.PartyOf(s.Workspace, p.Person)
		if !ok {
			return nil, errcode.Forbidden
		}
		role := space.Guest // sees it, and lets nobody in
		if p.Role.Acts() {
			role = space.Member // may hand its part to somebody else
		}
		i, before := in[p.Person]
		switch {
		case p.Person == c.Me.Person || p.Role == flow.Copy:
		case before:
			adds[i].Role = max(adds[i].Role, role)
		default:
			in[p.Person] = len(adds)
			adds = append(adds, space.Add{Party: party, Role: role})
		}
	}
	return adds, nil
}

// freeze puts the document among the pieces and says in the body what it is.
func (c *Contracts) freeze(ctx context.Context, s Sending, body *flow.Sent, l *local) (f blob.File, err error) {
	in, err := os.Open(s.Path)
	if err != nil {
		return f, diskError(err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return f, err
	}
	if info.Size() > flow.MaxDocument {
		return f, errcode.Of(errcode.DocumentTooLarge, "max", int64(flow.MaxDocument))
	}
	hash := sha256.New()
	if f, err = c.keep(ctx, io.TeeReader(in, hash), info.Size()); err != nil {
		return f, err
	}
	d := &body.Document
	d.Size, d.SHA256 = uint64(info.Size()), [32]byte(hash.Sum(nil))
	if code := strings.TrimSpace(s.AccessCode); code != "" {
		if utf8.RuneCountInString(code) < minAccessCode {
			return f, errcode.Of(errcode.AccessCodeShort, "min", minAccessCode)
		}
		d.Salt = key.NewLock(accessLogN).Salt
		k, err := codeKey(code, d.Salt)
		if err != nil {
			return f, err
		}
		l.code = slices.Clone(k.Bytes())
	}
	d.Blob, err = describe(f, d.Salt, l.code)
	return f, err
}

// keepLocal notes what this device keeps of a contract besides its events.
func keepLocal(tx *store.Tx, id wire.SpaceID, l local, tags []string) error {
	code := l.code
	if code == nil {
		code = []byte{}
	}
	if _, err := tx.Exec(`INSERT OR REPLACE INTO contractslocal_contract VALUES(?, ?, ?, ?, ?, ?, ?)`, id[:], l.archived, l.deleted, l.retain, l.ends, code, l.reminded); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM contractslocal_tag WHERE space = ?`, id[:]); err != nil {
		return err
	}
	for _, tag := range tags {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO contractslocal_tag VALUES(?, ?)`, id[:], tag); err != nil {
			return err
		}
	}
	return nil
}
