package app

import (
	"context"
	"runtime"
	"sync"
	"time"

	"roundtable/backend/calls"
	"roundtable/backend/calls/media"
	"roundtable/backend/clock"
	"roundtable/backend/folders/power"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// openCalls builds meetings. What engines have to be told of relays comes from where links have it.
func (c *core) openCalls(ctx context.Context) error {
	asked := &powerAsked{clock: c.app.Clock}
	turn := &serversAsked{clock: c.app.Clock, ask: c.relays.servers}
	var err error
	c.calls, err = calls.Open(ctx, calls.Deps{
		Log: c.log, DB: c.db, Clock: c.app.Clock, Slog: c.app.Log, Publish: c.publish, Me: c.self.party(), Signer: c.app.chain.Signer(),
		Board: c.board, Ephemeral: c.ephemeral, Tables: c.meetings, Name: c.people.Name, Downloads: c.app.Downloads,
		Engine: func(o calls.EngineOptions) (calls.Engine, error) {
			options := media.Options{Self: o.Self, Slog: o.Slog, Send: o.Send, Changed: o.Changed, Loopback: c.onLoopback()}
			options.Ask(turn.now)
			return media.New(options)
		},
		Title: func(ctx context.Context, id wire.SpaceID) string {
			if title := c.chat.Title(ctx, id); title != "" {
				return title
			}
			return c.people.WorkspaceName(ctx, id)
		},
		Post: func(ctx context.Context, id wire.SpaceID, text string) error {
			_, err := c.chat.Post(ctx, id, text, "")
			return err
		},
		Guests: guestLinks{c.people},
		Power:  func() (int, bool) { return runtime.NumCPU(), asked.now().Battery != power.OnBattery },
	})
	return err
}

const (
	// serversLast is how long STUN and TURN servers are used again; their credentials last longer.
	serversLast   = time.Minute
	serversWithin = 3 * time.Second
)

// serversAsked remembers what a relay said: every pair of engines asks.
type serversAsked struct {
	clock clock.Clock
	ask   func(context.Context) protocol.Servers
	mu    sync.Mutex
	at    time.Time
	said  protocol.Servers
}

func (s *serversAsked) now() (urls []string, user, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.clock.Now(); s.at.IsZero() || now.Sub(s.at).Abs() > serversLast {
		ctx, cancel := context.WithTimeout(context.Background(), serversWithin)
		defer cancel()
		s.at, s.said = now, s.ask(ctx)
	}
	return s.said.URLs, s.said.User, s.said.Password
}

func (a *App) callsPart() (*calls.Calls, error) {
	return part(a, func(c *core) *calls.Calls { return c.calls })
}
