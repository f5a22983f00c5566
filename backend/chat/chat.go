package chat

import (
	"context"
	_ "embed"
	"errors"
	"log/slog"
	"sync"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/ephemeral"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local.sql
var localSchema string

// Ephemeral is what typing needs.
type Ephemeral interface {
	Send(id wire.SpaceID, kind string, body any) error
	Handle(kind string, h ephemeral.Handler)
}

// Deps is everything this feature works with.
type Deps struct {
	Log       *eventlog.Log
	DB        *store.DB
	Clock     clock.Clock
	Slog      *slog.Logger
	Publish   func(topics ...string)
	Me        space.Party
	Ephemeral Ephemeral
	// Name of a person in a workspace.
	Name func(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) string
	// Syncing is how much of a space is known to exist and not here yet.
	Syncing func(wire.SpaceID) uint64
	// AtRelay is how much of a feed of ours a relay of the workspace keeps; may be nil.
	AtRelay func(id wire.SpaceID, feed envelope.Feed) uint64
	// Pieces and Blobs keep and move attachments; without them there are none.
	Pieces *blob.Store
	Blobs  Blobs
	// Downloads gives the folder that attachments are saved into; may be nil.
	Downloads func() (string, error)
	// Externals counts the people of a circle who are of no workspace of ours; nil where there are no circles.
	Externals func(circle wire.SpaceID) int
	// External reports whether a person is of no workspace of ours; nil where there are no circles.
	External func(person wire.PersonID) bool
	// SendReceipts and SendTyping are choices of this device.
	SendReceipts func() bool
	SendTyping   func() bool
	// ScheduledLate says what becomes of a message whose time passed while the program did not run: "", "ask" or "send"; may be nil.
	ScheduledLate func() string
}

// Chat is the feature.
type Chat struct {
	Deps
	typists typists
	sent    sent
	departs chan wire.SpaceID
	begun   sync.Map // joining → when we first wrote
	uploads uploads
	// reacting: one's reactions to a message are written whole.
	reacting sync.Mutex
	arrived  chan wire.SpaceID // where a message has come that may bring a picture
	autos    chan found        // what is fetched without being asked for
	indexer  indexer
	list     list
	prepared chan struct{} // closed once lists are worked out
	arrivals arrivals

	scheduling scheduling
}

// Open makes the feature.
func Open(ctx context.Context, d Deps) (*Chat, error) {
	if err := d.DB.Migrate(ctx, "chatlocal", localSchema, nonceSchema, uploadSchema, keptSchema); err != nil {
		return nil, err
	}
	if err := d.DB.Migrate(ctx, "chatscheduled", scheduledSchema); err != nil {
		return nil, err
	}
	if err := d.DB.Migrate(ctx, "chatsearch", searchSchema, searchRecordSchema); err != nil {
		return nil, err
	}
	if err := d.DB.Migrate(ctx, "chatbeside", besideSchema); err != nil {
		return nil, err
	}
	if err := d.DB.Migrate(ctx, "chatthread", threadSchema); err != nil {
		return nil, err
	}
	if err := d.DB.Migrate(ctx, "chatdraft", draftSchema); err != nil {
		return nil, err
	}
	c := &Chat{Deps: d, departs: make(chan wire.SpaceID, 64), prepared: make(chan struct{}), arrived: make(chan wire.SpaceID, 64), arrivals: newArrivals(), autos: make(chan found, 256),
		indexer: indexer{look: make(chan chan struct{}), seen: map[string]bool{}}, scheduling: scheduling{changed: make(chan struct{}, 1)}}
	if err := c.uploads.open(ctx, d.DB); err != nil {
		return nil, err
	}
	if err := c.openScheduled(ctx); err != nil {
		return nil, err
	}
	if err := c.sent.open(ctx, d.DB, d.Clock.Now()); err != nil {
		return nil, err
	}
	c.typists.all = map[wire.SpaceID]map[typist]time.Time{}
	d.Ephemeral.Handle(typing, c.heardTyping)
	d.Ephemeral.Handle(typingThread, c.heardTypingInThread)
	return c, nil
}

// MessageKey is where a message stands; its text form is the message's ID and
// cursor on this device.
type MessageKey struct {
	Stamp int64
	Feed  int64
	Seq   int64
}

// draft is a message that is to be written: what it says, uploads that become its
// attachments, and files of other messages that go with it.
type draft struct {
	messagePosted
	uploads []string
	files   []attachment
	// also, where it is set, writes what has to be true together with the message.
	also func(*store.Tx, eventlog.Event) error
}

// Post writes a message. nonce may be empty.
// Errors: errcode.MessageEmpty, errcode.MessageTooLong, errcode.MessageInvalid, errcode.NotMember, errcode.PostForbidden, errcode.NotFound, errcode.DiskFull.
func (c *Chat) Post(ctx context.Context, id wire.SpaceID, text, nonce string) (MessageKey, error) {
	return c.PostWith(ctx, id, text, nonce, nil)
}

// PostWith writes a message with attachments, which were uploaded; the text may
// be empty. Errors: those of Post, errcode.UploadIncomplete, errcode.AttachmentLimit (max).
func (c *Chat) PostWith(ctx context.Context, id wire.SpaceID, text, nonce string, uploads []string) (MessageKey, error) {
	d := draft{messagePosted: messagePosted{Text: text}, uploads: uploads}
	d.also = c.spent(id, d)
	k, _, err := c.postOnce(ctx, id, nonce, d)
	return k, err
}

// postOnce writes a draft, and tells whether this call did.
func (c *Chat) postOnce(ctx context.Context, id wire.SpaceID, nonce string, d draft) (k MessageKey, fresh bool, err error) {
	if err := checkText(d.Text); err != nil && (d.Text != "" || len(d.uploads)+len(d.files) == 0 && d.Record == nil) {
		return MessageKey{}, false, err
	}
	if len(d.uploads)+len(d.files) > MaxAttachments && d.Record == nil {
		return MessageKey{}, false, errcode.Of(errcode.AttachmentLimit, "max", MaxAttachments)
	}
	if !c.open(id) {
		return MessageKey{}, false, errcode.NotMember
	}
	if !c.mayPost(ctx, id, d.inThread()) {
		return MessageKey{}, false, errcode.PostForbidden
	}
	if nonce == "" {
		k, err := c.post(ctx, id, d, nil)
		return k, true, err
	}
	s, first := c.sent.begin(posting{id, nonce}, c.Clock.Now())
	if !first {
		select {
		case <-s.done:
			return s.key, false, s.err
		case <-ctx.Done():
			return MessageKey{}, false, ctx.Err()
		}
	}
	// What is begun is finished even when the caller goes away: it will ask again.
	s.key, s.err = c.post(context.WithoutCancel(ctx), id, d, c.remember(s))
	if s.err != nil {
		c.sent.forget(s)
	}
	close(s.done)
	return s.key, true, s.err
}

func (c *Chat) post(ctx context.Context, id wire.SpaceID, d draft, then func(*store.Tx, eventlog.Event) error) (MessageKey, error) {
	body := d.messagePosted
	then = both(d.also, then)
	switch {
	case len(d.uploads) > 0:
		p, err := c.enclose(ctx, id, d.uploads)
		if err != nil {
			return MessageKey{}, err
		}
		defer p.end()
		body.Attachments, then = p.attachments(), p.then(then)
	case len(d.files) > 0:
		body.Attachments, then = d.files, c.keeps(id, d.files, then)
	}
	events, err := c.Log.Append(ctx, id, eventlog.Draft{Kind: MessagePosted, Body: body, Then: then})
	if errors.Is(err, eventlog.ErrUnknownSpace) {
		return MessageKey{}, errcode.NotFound
	}
	if err != nil {
		return MessageKey{}, err
	}
	e := events[len(events)-1]
	return MessageKey{int64(e.Stamp), feedNumber(id, e.Feed), int64(e.Seq)}, nil
}

// both runs two things in one write; either may be nil.
func both(a, b func(*store.Tx, eventlog.Event) error) func(*store.Tx, eventlog.Event) error {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	return func(tx *store.Tx, e eventlog.Event) error { return errors.Join(a(tx, e), b(tx, e)) }
}

func checkText(text string) error {
	switch {
	case len(text) > wire.MaxMessageText:
		return errcode.Of(errcode.MessageTooLong, "max", wire.MaxMessageText)
	case validText(text):
		return nil
	case len(text) == 0 || trimmedEmpty(text):
		return errcode.MessageEmpty
	}
	return errcode.MessageInvalid
}

// open reports whether we may write: a direct conversation closes when the other
// person leaves the workspace, any conversation when we do.
func (c *Chat) open(id wire.SpaceID) bool {
	var kind space.Kind
	var workspace wire.SpaceID
	in := false
	var people []wire.PersonID
	_ = c.Log.View(id, func(s *space.State) {
		kind, workspace = s.Kind, s.Workspace
		m, ok := s.Member(c.Me.Person)
		in = ok && m.Active
		if s.Kind == space.Direct {
			for _, m := range s.Members() {
				people = append(people, m.Person)
			}
		}
	})
	if !in || kind.Standalone() {
		return in
	}
	people = append(people, c.Me.Person)
	all := true
	_ = c.Log.View(workspace, func(s *space.State) {
		for _, p := range people {
			m, ok := s.Member(p)
			all = all && ok && m.Active
		}
	})
	return all
}

// MarkRead notes that everything up to a message was on screen. Only what is
// here counts: a feed is read as far as it has come.
func (c *Chat) MarkRead(ctx context.Context, id wire.SpaceID, upTo MessageKey) error {
	if err := c.comesBack(ctx, id); err != nil {
		return err
	}
	marks, err := c.unreadMarks(ctx, id, upTo)
	if err != nil || len(marks) == 0 {
		return err
	}
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		for _, m := range marks {
			if _, err := tx.Exec(`INSERT INTO chatlocal_read VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`,
				id[:], m.Device[:], int64(m.Start), int64(m.Seq)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.Publish("chat", topic(id))
	if !c.SendReceipts() || !c.open(id) {
		return nil
	}
	for len(marks) > 0 {
		n := min(len(marks), maxMarks)
		if _, err := c.Log.Append(ctx, id, eventlog.Draft{Kind: ReadMarked, Body: readMarked{Marks: marks[:n]}}); err != nil {
			return err
		}
		marks = marks[n:]
	}
	return nil
}
