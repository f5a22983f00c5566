package directory

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/clock"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"

	"time"
)

// Profile is what a member says of itself, as far as the directory looks at it.
type Profile struct{ Name, Title, Department, Phone, Email string }

// Deps is everything this feature works with.
type Deps struct {
	Log     *eventlog.Log
	DB      *store.DB
	Clock   clock.Clock
	Slog    *slog.Logger
	Publish func(topics ...string)
	Me      space.Party
	// Opener opens what was wrapped for this device.
	Opener key.Opener
	// Name of a member, "" when nothing is known; Profiles are those of a whole workspace.
	Name     func(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) string
	Profiles func(ctx context.Context, workspace wire.SpaceID) (map[wire.PersonID]Profile, error)
	// Member is how the door shows a member.
	Member func(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) (*v1.Member, error)
	// Invite makes an invite for one person, a member, and gives its link; several are announced together.
	Invite func(ctx context.Context, workspace wire.SpaceID, life time.Duration, count int) ([]Code, error)
	// Downloads is the folder that exports are kept in where a window cannot hand files over; may be nil.
	Downloads func() (string, error)
}

// Code is an invite and its link.
type Code struct {
	ID      wire.InviteID
	Link    string
	Expires int64 // Unix ms
}

// Directory is the feature.
type Directory struct {
	Deps
	changes atomic.Uint64 // counts what may have changed a view
	// prepared is closed once there are views of all workspaces.
	prepared chan struct{}

	mu      sync.Mutex
	views   map[wire.SpaceID]*view
	opened  opened
	imports imports
}

// Open makes the feature.
func Open(d Deps) *Directory {
	return &Directory{Deps: d, views: map[wire.SpaceID]*view{}, prepared: make(chan struct{})}
}

// Changed tells that views may be old; the app calls it when the topic "directory" is published. It does not block.
func (d *Directory) Changed() { d.changes.Add(1) }

// Prepared is closed once Run has made views and what one searches in: what can wait waits for that.
func (d *Directory) Prepared() <-chan struct{} { return d.prepared }

// Run does what has to be done in the background until ctx ends: views are made before somebody asks,
// and keys of private and hidden fields go to who became an administrator or a lead.
func (d *Directory) Run(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	seen := ^uint64(0)
	prepared := sync.OnceFunc(func() { close(d.prepared) })
	for {
		if now := d.changes.Load(); now != seen {
			seen = now
			for _, id := range d.workspaces() {
				if v, err := d.view(ctx, id); err == nil {
					d.index(ctx, id, v)
				}
				d.handOn(ctx, id)
			}
		}
		prepared()
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// workspaces that this person belongs to.
func (d *Directory) workspaces() (out []wire.SpaceID) {
	for _, id := range d.Log.Spaces() {
		_ = d.Log.View(id, func(s *space.State) {
			if m, ok := s.Member(d.Me.Person); ok && m.Active && s.Kind == space.Workspace {
				out = append(out, id)
			}
		})
	}
	return out
}
