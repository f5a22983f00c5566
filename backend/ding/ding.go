package ding

import (
	"context"
	_ "embed"
	"log/slog"
	"sync"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local.sql
var localSchema string

const (
	// soundLife is how old a round may be that still sounds when it comes. Whoever starts the
	// program in the morning is told of what came in the night, and not by an alarm.
	soundLife = 4 * time.Hour
	// noticeLife is how old one may be that is still put before people; older ones are in the list.
	noticeLife = 30 * 24 * time.Hour
	day        = 24 * time.Hour
	tenMinutes = 10 * time.Minute
	// lookEvery is how often what waits is looked over without a reason.
	lookEvery = time.Minute
)

// Said is a message as conversations have it.
type Said struct {
	// ID is its name on this device's door.
	ID     string
	Device wire.DeviceID
	Start  uint64
	Seq    uint64
	Person wire.PersonID
	// Text as it is now, "" when it was taken back.
	Text     string
	FileName string
	Files    int
	Recalled bool
}

// Messages is what conversations do for this package.
type Messages interface {
	// Post writes a message once for each nonce, and gives its name on the door.
	Post(ctx context.Context, id wire.SpaceID, text, nonce string) (string, error)
	// Located finds a message by its name on the door. Errors: errcode.NotFound, errcode.InvalidArgument.
	Located(ctx context.Context, id wire.SpaceID, name string) (Said, error)
	// Placed finds it by its place. ok is false while it is not here.
	Placed(ctx context.Context, id wire.SpaceID, at Ref) (said Said, ok bool, err error)
	// Title of a group, "" for other conversations.
	Title(ctx context.Context, id wire.SpaceID) string
}

// Deps is everything this feature works with.
type Deps struct {
	Log      *eventlog.Log
	DB       *store.DB
	Clock    clock.Clock
	Slog     *slog.Logger
	Publish  func(topics ...string)
	Me       wire.PersonID
	Tables   *Projection
	Messages Messages
	// Name of a person in a workspace.
	Name func(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) string
	// ShownIn is the workspace in which this device shows a circle, and External reports whether somebody is of no workspace of ours; nil where there are no circles.
	ShownIn  func(ctx context.Context, circle wire.SpaceID) (workspace wire.SpaceID, ok bool)
	External func(person wire.PersonID) bool
	// Lead reports whether a person leads a department of a workspace.
	Lead func(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) bool
	// AtRelay is how much of a feed of ours a relay keeps; may be nil.
	AtRelay func(id wire.SpaceID, at Ref) uint64
	// SendReceipts is a choice of this device.
	SendReceipts func() bool
}

// Ding is the feature.
type Ding struct {
	Deps
	look    chan struct{}
	writing sync.Mutex // a round is written after its limit was looked at
}

// Open makes the feature.
func Open(ctx context.Context, d Deps) (*Ding, error) {
	if err := d.DB.Migrate(ctx, "dinglocal", localSchema); err != nil {
		return nil, err
	}
	g := &Ding{Deps: d, look: make(chan struct{}, 1)}
	d.Tables.Noted = g.Moved
	return g, nil
}

// Moved is told that something came, or that somebody's device holds more. It does not block.
func (g *Ding) Moved() {
	select {
	case g.look <- struct{}{}:
	default:
	}
}

// Run lets what comes before this device's person, and notes who has what of theirs.
func (g *Ding) Run(ctx context.Context) error {
	for {
		admitted, err := g.admit(ctx)
		if err == nil {
			var noted bool
			noted, err = g.noteDelivered(ctx)
			admitted = admitted || noted
		}
		if err != nil && ctx.Err() == nil {
			g.Slog.Warn("look over urgent notices", "err", err)
		}
		if admitted {
			g.Publish("ding")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-g.look:
		case <-g.Clock.After(lookEvery):
		}
	}
}

// to says whom a round is for.
type to struct {
	all    bool
	people []wire.PersonID
}

// nonceOf makes a nonce of what the caller chose.
func nonceOf(text string) []byte {
	if text == "" {
		return wire.Random(nonceSize)
	}
	sum := key.Hash("roundtable ding nonce v1", []byte(text))
	return sum[:nonceSize]
}

// Send puts a message of ours before people; message "" writes text first.
// Errors: errcode.DingForbidden, errcode.DingLimit (max, minutes), errcode.MessageRecalled, errcode.Forbidden, errcode.NotMember, errcode.NotFound,
// errcode.InvalidArgument, and those of writing a message.
func (g *Ding) Send(ctx context.Context, id wire.SpaceID, message, text string, whom to, nonce string) (Ref, error) {
	g.writing.Lock()
	defer g.writing.Unlock()
	n := nonceOf(nonce)
	if at, ok, err := g.written(ctx, id, n); err != nil || ok {
		return at, err
	}
	if err := g.may(ctx, id); err != nil {
		return Ref{}, err
	}
	whom, err := g.clean(id, whom)
	if err != nil {
		return Ref{}, err
	}
	if message == "" {
		if message, err = g.Messages.Post(ctx, id, text, nonce); err != nil {
			return Ref{}, err
		}
	}
	said, err := g.Messages.Located(ctx, id, message)
	switch {
	case err != nil:
		return Ref{}, err
	case said.Person != g.Me:
		return Ref{}, errcode.Forbidden
	case said.Recalled:
		return Ref{}, errcode.MessageRecalled
	}
	return g.write(ctx, id, eventlog.Draft{Kind: Sent, Body: sent{Message: Ref{Device: said.Device, Start: said.Start, Seq: said.Seq}, All: whom.all, People: whom.people, Nonce: n}})
}

func (g *Ding) write(ctx context.Context, id wire.SpaceID, d eventlog.Draft) (Ref, error) {
	events, err := g.Log.Append(ctx, id, d)
	if err != nil {
		return Ref{}, classify(err)
	}
	e := events[len(events)-1]
	return Ref{Device: e.Feed.Device, Start: e.Feed.Start, Seq: e.Seq}, nil
}

// clean leaves those who belong to the conversation, us aside.
func (g *Ding) clean(id wire.SpaceID, whom to) (to, error) {
	if whom.all == (len(whom.people) > 0) || len(whom.people) > MaxPeople {
		return to{}, errcode.InvalidArgument
	}
	out := to{all: whom.all}
	seen := map[wire.PersonID]bool{g.Me: true}
	others := 0
	err := g.Log.View(id, func(s *space.State) {
		for _, m := range s.Members() {
			if m.Active && m.Person != g.Me {
				others++
			}
		}
		for _, p := range whom.people {
			if m, ok := s.Member(p); ok && m.Active && !seen[p] {
				out.people = append(out.people, p)
			}
			seen[p] = true
		}
	})
	if err != nil {
		return to{}, errcode.NotFound
	}
	if others == 0 || !out.all && len(out.people) == 0 {
		return to{}, errcode.InvalidArgument
	}
	return out, nil
}

// Remind puts a notice of ours before people again: those named, or all who did not confirm.
// Errors: errcode.Forbidden (not ours, or called off), and those of Send.
func (g *Ding) Remind(ctx context.Context, id wire.SpaceID, at Ref, people []wire.PersonID, nonce string) error {
	g.writing.Lock()
	defer g.writing.Unlock()
	n := nonceOf(nonce)
	if _, ok, err := g.written(ctx, id, n); err != nil || ok {
		return err
	}
	x, err := g.ours(ctx, id, at)
	if err != nil {
		return err
	}
	if x.off != 0 {
		return errcode.Forbidden
	}
	if said, ok, err := g.Messages.Placed(ctx, id, x.message); err != nil || !ok || said.Recalled {
		return first(err, errcode.MessageRecalled)
	}
	if err := g.may(ctx, id); err != nil {
		return err
	}
	waiting, err := g.unconfirmed(ctx, x)
	if err != nil {
		return err
	}
	var left []wire.PersonID
	for _, p := range waiting {
		if len(people) == 0 || contains(people, p) {
			left = append(left, p)
		}
	}
	if len(left) == 0 {
		return errcode.InvalidArgument
	}
	body := reminded{Ding: at, People: left, Nonce: n}
	if len(left) > MaxPeople {
		body.All, body.People = true, nil // who confirmed is not troubled (admit)
	}
	_, err = g.write(ctx, id, eventlog.Draft{Kind: Reminded, Body: body})
	return err
}

// CallOff takes a notice of ours back; the message stays. Errors: errcode.Forbidden, errcode.NotFound.
func (g *Ding) CallOff(ctx context.Context, id wire.SpaceID, at Ref) error {
	x, err := g.ours(ctx, id, at)
	if err != nil || x.off != 0 {
		return err
	}
	_, err = g.write(ctx, id, eventlog.Draft{Kind: CalledOff, Body: about{Ding: at}})
	return err
}

// MarkSeen notes that a notice was on our person's screen. Errors: errcode.NotFound.
func (g *Ding) MarkSeen(ctx context.Context, id wire.SpaceID, at Ref) error {
	if !g.SendReceipts() {
		return nil
	}
	return g.says(ctx, id, at, Seen)
}

// Confirm says that our person took note. Errors: errcode.NotFound, errcode.NotMember.
func (g *Ding) Confirm(ctx context.Context, id wire.SpaceID, at Ref) error {
	return g.says(ctx, id, at, Confirmed)
}

func (g *Ding) says(ctx context.Context, id wire.SpaceID, at Ref, kind event.Kind) error {
	x, err := g.notice(ctx, id, at)
	if err != nil {
		return err
	}
	for _, w := range x.words {
		if w.what == words[kind] && w.person == g.Me {
			return nil
		}
	}
	_, err = g.write(ctx, id, eventlog.Draft{Kind: kind, Body: about{Ding: at}})
	return err
}

// SetRules sets who may and how often. Errors: errcode.Forbidden, errcode.InvalidArgument.
func (g *Ding) SetRules(ctx context.Context, workspace wire.SpaceID, r Rules) error {
	body := rulesSet{Who: r.Who, PerDay: uint64(max(r.PerDay, 0)), PerTen: uint64(max(r.PerTen, 0))}
	if !body.valid() {
		return errcode.InvalidArgument
	}
	if !g.manages(workspace) {
		return errcode.Forbidden
	}
	_, err := g.write(ctx, workspace, eventlog.Draft{Kind: RulesSet, Body: body})
	return err
}

// manages reports whether our person administers a space now.
func (g *Ding) manages(id wire.SpaceID) (ok bool) {
	_ = g.Log.View(id, func(s *space.State) {
		us, in := s.Member(g.Me)
		ok = in && us.Active && us.Role >= space.Admin
	})
	return ok
}
