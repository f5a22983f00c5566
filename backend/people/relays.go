package people

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"roundtable/backend/errcode"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// Relays that a workspace names, in the order of preference: the latest choice by
// somebody who has ever been an administrator.
func (p *People) Relays(ctx context.Context, id wire.SpaceID) []protocol.Address {
	var raw []byte
	err := p.DB.Read().QueryRowContext(ctx, `SELECT r.relays FROM people_relays r
		JOIN people_member m ON m.space = r.space AND m.person = r.person
		WHERE r.space = ? AND m.peak >= 3 ORDER BY r.stamp DESC, r.device DESC, r.seq DESC LIMIT 1`, id[:]).Scan(&raw)
	if err != nil {
		if !errors.Is(err, sql.ErrNoRows) {
			p.Slog.Warn("read relays", "err", err)
		}
		return nil
	}
	var body relaysSet
	if err := wire.Decode(raw, wire.MaxBody, &body); err != nil {
		return nil // the projection took it, so this cannot be
	}
	return body.Relays
}

// AllRelays are those of every workspace, and of every meeting with guests, that we belong to.
func (p *People) AllRelays(ctx context.Context) map[wire.SpaceID][]protocol.Address {
	out := map[wire.SpaceID][]protocol.Address{}
	for _, id := range p.belong(space.Kind.Standalone) {
		if relays := p.Relays(ctx, id); len(relays) > 0 {
			out[id] = relays
		}
	}
	return out
}

// MayAdminister reports whether we are an administrator of a workspace.
func (p *People) MayAdminister(id wire.SpaceID) bool { return p.need(id, space.Admin) == nil }

// AddRelay names one more. Errors: errcode.RelayLinkGarbled, errcode.RelayKnown,
// errcode.RelayLimit, errcode.Forbidden, errcode.NotFound.
func (p *People) AddRelay(ctx context.Context, id wire.SpaceID, a protocol.Address) error {
	if a.Check() != nil {
		return errcode.RelayLinkGarbled
	}
	return p.changeRelays(ctx, id, func(now []protocol.Address) ([]protocol.Address, error) {
		for _, have := range now {
			if have.ID() == a.ID() {
				return nil, errcode.RelayKnown
			}
		}
		// The same place with another token or certificate takes the place of the old one.
		now = slices.DeleteFunc(now, func(have protocol.Address) bool { return have.URL == a.URL })
		if len(now) >= MaxRelays {
			return nil, errcode.Of(errcode.RelayLimit, "max", MaxRelays)
		}
		return append(now, a), nil
	})
}

// RemoveRelay names one less. Errors: errcode.NotFound, errcode.Forbidden.
func (p *People) RemoveRelay(ctx context.Context, id wire.SpaceID, relay [32]byte) error {
	return p.changeRelays(ctx, id, func(now []protocol.Address) ([]protocol.Address, error) {
		left := slices.DeleteFunc(slices.Clone(now), func(a protocol.Address) bool { return a.ID() == relay })
		if len(left) == len(now) {
			return nil, errcode.NotFound
		}
		return left, nil
	})
}

// OrderRelays puts them into another order; all are named.
// Errors: errcode.InvalidArgument, errcode.Forbidden.
func (p *People) OrderRelays(ctx context.Context, id wire.SpaceID, order [][32]byte) error {
	return p.changeRelays(ctx, id, func(now []protocol.Address) ([]protocol.Address, error) {
		var out []protocol.Address
		for _, want := range order {
			i := slices.IndexFunc(now, func(a protocol.Address) bool { return a.ID() == want })
			if i < 0 {
				return nil, errcode.InvalidArgument
			}
			out = append(out, now[i])
		}
		if len(out) != len(now) || !(relaysSet{out}).valid() {
			return nil, errcode.InvalidArgument
		}
		return out, nil
	})
}

func (p *People) changeRelays(ctx context.Context, id wire.SpaceID, change func([]protocol.Address) ([]protocol.Address, error)) error {
	if err := p.need(id, space.Admin); err != nil {
		return err
	}
	next, err := change(p.Relays(ctx, id))
	if err != nil {
		return err
	}
	_, err = p.Log.Append(ctx, id, draft(RelaysSet, relaysSet{Relays: next}))
	return err
}
