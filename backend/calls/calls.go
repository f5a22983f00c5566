package calls

import (
	"context"
	_ "embed"
	"io"
	"log/slog"
	"sync"
	"time"

	"roundtable/backend/calls/media"
	"roundtable/backend/calls/room"
	"roundtable/backend/clock"
	"roundtable/backend/ephemeral"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local.sql
var localSchema string

// Engine carries the sound and pictures of one call; package media has the real one. Its
// methods may be called from anywhere at any time and do not call back.
type Engine interface {
	// Page answers the page's offer. Errors: media.ErrSDP.
	Page(ctx context.Context, offer string, sending []media.Slot, restart bool) (answer string, serial int64, err error)
	// Signal takes what the engine of another device said.
	Signal(from wire.DeviceID, message []byte)
	Follow(media.Plan)
	Want([]media.Want)
	Snapshot() media.Snapshot
	NetworkChanged()
	Close()
}

// EngineOptions is what an engine is made with.
type EngineOptions struct {
	Self wire.DeviceID
	Slog *slog.Logger
	// Send gives a message to the engine of a device, in order; it blocks while that does not read.
	Send func(ctx context.Context, device wire.DeviceID, message []byte) error
	// Changed: Snapshot may be another. It does not block.
	Changed func()
}

// Board is what this package needs of the switchboard.
type Board interface {
	Handle(protocol string, h func(ctx context.Context, peer wire.DeviceID, s link.Stream))
	OpenStream(ctx context.Context, device wire.DeviceID, protocol string) (link.Stream, error)
}

// Ephemeral carries beats.
type Ephemeral interface {
	Send(id wire.SpaceID, kind string, body any) error
	Handle(kind string, h ephemeral.Handler)
}

// File is where a recording is written.
type File interface {
	io.Writer
	Sync() error
	Truncate(size int64) error
	Close() error
}

// Deps is everything this feature works with.
type Deps struct {
	Log       *eventlog.Log
	DB        *store.DB
	Clock     clock.Clock
	Slog      *slog.Logger
	Publish   func(topics ...string)
	Me        space.Party
	Signer    key.Signer
	Board     Board
	Ephemeral Ephemeral
	Tables    *Projection
	// Engine makes what carries a call.
	Engine func(EngineOptions) (Engine, error)
	// Name of a person in a workspace.
	Name func(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) string
	// Title of a conversation, for the names of recordings; may be nil.
	Title func(ctx context.Context, id wire.SpaceID) string
	// Post writes a message to a conversation: what is said when declining.
	Post func(ctx context.Context, id wire.SpaceID, text string) error
	// Power is how much this computer can do: its processors, and whether it is on mains.
	Power func() (processors int, mains bool)
	// Downloads gives the folder for recordings when none is chosen; may be nil.
	Downloads func() (string, error)
	// Guests makes links for people who are no members; nil: nobody is invited from here.
	Guests Guests
	// Create makes a file that is not there yet; nil: on the disk.
	Create func(path string) (File, error)
}

// Calls is the feature.
type Calls struct {
	Deps
	wake    chan struct{}
	noted   chan wire.SpaceID
	signals signals
	rate    rates
	records recordings

	mu    sync.Mutex
	rooms map[wire.CallID]*live
	mine  *mine
	outs  []out           // beats that go out with the next step
	after []func()        // what the next step does outside the lock
	ctx   context.Context // of Run
	// opened: the conversations of meetings with guests; shutting: when the space of one that is over is shut.
	opened   map[wire.SpaceID]wire.SpaceID
	shutting map[wire.SpaceID]time.Time
}

// live is a call that is heard of.
type live struct {
	room     *room.Room
	pair     bool
	since    time.Time // first heard
	heard    time.Time
	taken    bool      // our person was in it, with any device, or declined
	declined bool      // somebody else does not come
	ended    int64     // when, as the log says; Unix ms
	been     bool      // this device was in it
	closed   bool      // we wrote its end
	quiet    time.Time // since when nobody is in it
	there    map[wire.PersonID]bool
	members  map[wire.DeviceID]known // for a second
	signed   signed                  // what we said last
	shown    string                  // what others were last shown of it, to tell changes
	// outside: we are no member of the conversation, and come by the space of a meeting with guests.
	outside bool
	meeting wire.SpaceID
}

type known struct {
	room.Member
	ok bool
	at time.Time
}

// Open makes the feature.
func Open(ctx context.Context, d Deps) (*Calls, error) {
	if err := d.DB.Migrate(ctx, "callslocal", localSchema); err != nil {
		return nil, err
	}
	if d.Create == nil {
		d.Create = createFile
	}
	c := &Calls{Deps: d, wake: make(chan struct{}, 1), noted: make(chan wire.SpaceID, 256), rooms: map[wire.CallID]*live{}, ctx: context.Background(),
		opened: map[wire.SpaceID]wire.SpaceID{}, shutting: map[wire.SpaceID]time.Time{}}
	c.signals.c = c
	c.records = recordings{c: c, all: map[string]*recording{}}
	d.Ephemeral.Handle(beatKind, c.heard)
	d.Ephemeral.Handle(guestKind, c.heardByGuests)
	d.Board.Handle(signalProtocol, c.signals.receive)
	if d.Tables != nil {
		d.Tables.Noted = func(id wire.SpaceID) {
			select {
			case c.noted <- id:
			default: // asked again when the call falls silent
			}
		}
	}
	return c, nil
}

// NetworkChanged tells the engine to look for new ways.
func (c *Calls) NetworkChanged() {
	var engine Engine
	c.mu.Lock()
	if c.mine != nil {
		engine = c.mine.engine // nil as soon as the call is over
	}
	c.mu.Unlock()
	if engine != nil {
		engine.NetworkChanged()
	}
}

// nudge has Run look at everything now.
func (c *Calls) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// who tells the member behind a device. Guests of the conversation or of its workspace are external. In a circle nobody
// calls: who of several workspaces is host, and who waits in the lobby, is a question that a link for guests answers.
func (c *Calls) who(id wire.SpaceID, device wire.DeviceID) (out room.Member, ok bool) {
	var workspace wire.SpaceID
	_ = c.Log.View(id, func(s *space.State) {
		m, in := s.MemberOf(device)
		out.Person, out.External = m.Person, m.Role == space.Guest
		ok, workspace = in && s.Kind.Conversation() && s.Kind != space.Circle, s.Workspace
	})
	if ok && !workspace.IsZero() {
		_ = c.Log.View(workspace, func(s *space.State) {
			m, in := s.Member(out.Person)
			out.External = out.External || !in || !m.Active || m.Role == space.Guest
		})
	}
	return out, ok
}

// newRoom opens the room of a call; c.mu is held, and so it is whenever the room asks. meeting is the space by which we
// hear of it as a guest, zero for members of the conversation.
func (c *Calls) newRoom(id wire.SpaceID, start room.Start, now time.Time, meeting wire.SpaceID) *live {
	l := &live{meeting: meeting, outside: !meeting.IsZero(), since: now, heard: now, there: map[wire.PersonID]bool{}, members: map[wire.DeviceID]known{}}
	_ = c.Log.View(id, func(s *space.State) { l.pair = s.Kind == space.Direct })
	l.room = room.New(room.World{
		Self: c.Log.Self(), Pair: l.pair,
		Who: func(d wire.DeviceID) (room.Member, bool) {
			k, there := l.members[d]
			if now := c.Clock.Now(); !there || now.Sub(k.at) > time.Second || now.Before(k.at) {
				k.Member, k.ok = c.whoOf(l, d)
				k.at = now
				l.members[d] = k
			}
			return k.Member, k.ok
		},
		Sign: func(message []byte) []byte {
			out, err := c.Signer.Sign(key.ContextCohosts, message)
			if err != nil {
				c.Slog.Error("sign who is co-host", "err", err)
			}
			return out
		},
		Verify: func(by wire.DeviceID, message, signature []byte) bool {
			return key.Verify(by, key.ContextCohosts, message, signature) == nil
		},
	}, id, start)
	c.rooms[l.room.ID] = l
	return l
}
