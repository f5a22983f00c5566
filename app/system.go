package app

import (
	"context"
	"os"
	"os/user"
	"runtime"
	"slices"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/identity"
	"roundtable/backend/keychain"
	"roundtable/backend/name"
	"roundtable/backend/settings"
	"roundtable/backend/wire"
)

// lowDisk is where the screen warns: below it even small writes may fail soon.
const lowDisk = 64 << 20

// system serves SystemService.
type system struct{ a *App }

func (s system) Status(ctx context.Context, _ *v1.StatusRequest) (*v1.StatusResponse, error) {
	if v := s.a.guests.stay(); v != nil {
		out := v.app.status(ctx)
		out.Phase = v1.Phase_PHASE_GUEST
		return out, nil
	}
	return s.a.status(ctx), nil
}

func (a *App) status(ctx context.Context) *v1.StatusResponse {
	out := &v1.StatusResponse{Version: a.Version, Platform: runtime.GOOS, Protection: v1.KeyProtection(a.chain.Protection()),
		CanOpenInBrowser: a.Browse != nil}
	a.mu.Lock()
	c, damage := a.core, a.damage
	a.mu.Unlock()
	if signer := a.chain.Signer(); a.chain.State() == keychain.Unlocked && signer != nil {
		out.DeviceId, out.Fingerprint = signer.Public().String(), identity.Fingerprint(signer.Public())
	}
	switch {
	case c != nil:
		out.Phase = v1.Phase_PHASE_READY
		out.PersonId, out.Name = c.self.party().Person.String(), c.self.Name
		out.Warnings = c.warnings(ctx)
	case damage != nil:
		out.Phase, out.DamageCode = v1.Phase_PHASE_DAMAGED, string(errcode.DatabaseCorrupt)
	case a.chain.State() == keychain.Locked:
		out.Phase = v1.Phase_PHASE_LOCKED
		if me, err := readSelf(a.Profile); err == nil {
			out.Name = me.Name
		}
	default:
		out.Phase = v1.Phase_PHASE_NEW
		for _, p := range a.chain.Protections() {
			out.Protections = append(out.Protections, v1.KeyProtection(p))
		}
		out.SuggestedName, out.SuggestedDeviceName = suggestedName(), a.deviceName()
	}
	return out
}

func (s system) OpenInBrowser(_ context.Context, r *v1.OpenInBrowserRequest) (*v1.OpenInBrowserResponse, error) {
	if s.a.Browse == nil {
		return nil, errcode.NotFound
	}
	if err := s.a.Browse(r.At); err != nil {
		return nil, errcode.With(errcode.NotFound, err)
	}
	return &v1.OpenInBrowserResponse{}, nil
}

func (c *core) warnings(ctx context.Context) []string {
	var out []string
	if free, err := freeSpace(c.app.Profile); err == nil && free < lowDisk {
		out = append(out, string(errcode.DiskFull))
	}
	if len(c.runner.Failed()) > 0 {
		out = append(out, string(errcode.ProjectionFailed))
	}
	if n, err := c.log.Forks(ctx); err == nil && n > 0 {
		out = append(out, string(errcode.FeedForked))
	}
	if c.lost() {
		out = append(out, string(errcode.HistoryAwaited))
	}
	return out
}

// suggestedName is the account's full name, when it has one that can be shown.
func suggestedName() string {
	u, err := user.Current()
	if err != nil || u.Uid == "0" {
		return ""
	}
	clean, err := name.Check(u.Name, wire.MaxName)
	if err != nil {
		return ""
	}
	return clean
}

// deviceName is the one chosen, else the computer's.
func (a *App) deviceName() string {
	if n := a.settings.Values().DeviceName; n != "" {
		return n
	}
	host, _ := os.Hostname()
	clean, err := name.Check(host, wire.MaxName)
	if err != nil {
		return runtime.GOOS
	}
	return clean
}

func (s system) SetUp(ctx context.Context, r *v1.SetUpRequest) (*v1.SetUpResponse, error) {
	a := s.a
	if _, err := readSelf(a.Profile); err == nil {
		return nil, errcode.AlreadySetUp
	}
	person, err := name.Check(r.Name, wire.MaxName)
	if err != nil {
		return nil, err
	}
	if r.DeviceName != "" {
		if _, _, err := a.settings.Set(settings.Change{DeviceName: &r.DeviceName}); err != nil {
			return nil, err
		}
	}
	// Keys may be there from a set-up that was cut short.
	if a.chain.State() == keychain.Missing {
		p := keychain.Protection(r.Protection)
		if p == keychain.None {
			p = a.chain.Protections()[0]
			if p == keychain.Passphrase && r.Passphrase == "" {
				p = keychain.File
			}
		}
		if err := a.chain.Create(ctx, p, r.Passphrase); err != nil {
			return nil, err
		}
	}
	if a.chain.State() != keychain.Unlocked {
		return nil, errcode.NotReady
	}
	first, err := identity.Found(a.chain.Signer(), a.chain.Opener().SealPublic(), a.Clock.Now().UnixMilli())
	if err != nil {
		return nil, err
	}
	me := self{Version: 1, Certificates: []identity.Certificate{first}, Name: person}
	if err := me.write(a.Profile); err != nil {
		return nil, err
	}
	if err := a.start(context.WithoutCancel(ctx)); err != nil {
		return nil, err
	}
	a.changes.Publish("system", "settings")
	return &v1.SetUpResponse{Status: a.status(ctx)}, nil
}

func (s system) Unlock(ctx context.Context, r *v1.UnlockRequest) (*v1.UnlockResponse, error) {
	a := s.a
	if err := a.chain.Unlock(ctx, r.Passphrase); err != nil {
		return nil, err
	}
	if err := a.start(context.WithoutCancel(ctx)); err != nil {
		return nil, err
	}
	a.changes.Publish("system")
	return &v1.UnlockResponse{Status: a.status(ctx)}, nil
}

func (s system) Repair(ctx context.Context, _ *v1.RepairRequest) (*v1.RepairResponse, error) {
	a := s.a
	a.repair.Lock()
	defer a.repair.Unlock()
	a.mu.Lock()
	damaged := a.damage != nil
	a.mu.Unlock()
	if !damaged {
		return nil, errcode.NotDamaged
	}
	if err := setAside(a.Profile, a.Clock.Now()); err != nil {
		return nil, err
	}
	if err := a.start(context.WithoutCancel(ctx)); err != nil {
		return nil, err
	}
	a.changes.Publish("system", "people", "chat")
	return &v1.RepairResponse{Status: a.status(ctx)}, nil
}

func (s system) Connections(ctx context.Context, _ *v1.ConnectionsRequest) (*v1.ConnectionsResponse, error) {
	c, err := part(s.a.shown(), func(c *core) *core { return c })
	if err != nil {
		return nil, err
	}
	out := &v1.ConnectionsResponse{Addresses: c.board.Addresses()}
	if c.problem != "" {
		out.Problems = append(out.Problems, c.problem)
	}
	if c.nearby != nil {
		out.Problems = append(out.Problems, c.nearby.Problems()...)
	}
	homes := c.homes()
	for _, l := range c.board.Links() {
		if one := c.connection(ctx, l, homes); one != nil { // else a stranger who looks at the door
			out.Connections = append(out.Connections, one)
		}
	}
	slices.SortFunc(out.Connections, func(x, y *v1.Connection) int { return int(x.SinceUnixMs - y.SinceUnixMs) })
	return out, nil
}
