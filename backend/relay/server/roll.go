package server

import (
	"container/list"
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// roll is an access list in memory, folded from the grants of the engine. They
// were verified when they were stored, and are not verified again.
type roll struct {
	space wire.SpaceID
	// folding lets one goroutine at a time ask the engine and tell devices.
	folding sync.Mutex
	looked  atomic.Int64 // Unix ns

	mu     sync.RWMutex
	tenant engine.Tenant
	list   protocol.Roll
}

// again is how old a roll gets before the engine is asked whether a grant was missed.
const again = time.Minute

func (r *roll) rights(d wire.DeviceID) (rights protocol.Rights, listed bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	rights, listed = r.list.Rights[d]
	return rights, listed
}

func (r *roll) owner() engine.Tenant {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.tenant
}

func (r *roll) version() uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.list.Version
}

func (r *roll) size() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.list.Rights)
}

// fold asks the engine for what is new and gives the changes in their order.
func (r *roll) fold(ctx context.Context, s *Server) (changes []protocol.Entry, err error) {
	signed, tenant, err := s.engine.Grants(ctx, r.space, r.version())
	if err != nil {
		return nil, fmt.Errorf("read grants: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(signed) > 0 {
		r.tenant = tenant
	}
	for _, one := range signed {
		var g protocol.Grant
		if err := wire.DecodeLoose(one.Raw, protocol.MaxMessage, &g); err != nil {
			return nil, fmt.Errorf("read grants: %w", err)
		}
		if err := r.list.Apply(one, g); err != nil {
			return nil, fmt.Errorf("fold grant %d: %w", g.Version, err)
		}
		changes = append(changes, g.Set...)
	}
	r.looked.Store(s.clock.Now().UnixNano())
	return changes, nil
}

// catchUp folds what is new and tells the devices concerned before it returns.
func (r *roll) catchUp(ctx context.Context, s *Server) error {
	r.folding.Lock()
	known := r.version()
	changes, err := r.fold(ctx, s)
	if err != nil || known == 0 {
		r.folding.Unlock()
		return err
	}
	cut := s.announce(r.owner(), r.space, changes)
	r.folding.Unlock()
	s.demote(ctx, cut)
	return nil
}

// rolls keeps the lists used last.
type rolls struct {
	s       *Server
	mu      sync.Mutex
	each    map[wire.SpaceID]*list.Element
	recent  *list.List // of *kept
	entries int
}

type kept struct {
	roll *roll
	cost int
}

// overhead of a roll beside its entries.
const rollCost = 16

func newRolls(s *Server) *rolls {
	return &rolls{s: s, each: map[wire.SpaceID]*list.Element{}, recent: list.New()}
}

// cached gives a roll that is in memory, or nil.
func (rs *rolls) cached(space wire.SpaceID) *roll {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	e := rs.each[space]
	if e == nil {
		return nil
	}
	rs.recent.MoveToFront(e)
	return e.Value.(*kept).roll
}

// of gives the list of a space; nil when there is none.
func (rs *rolls) of(ctx context.Context, space wire.SpaceID) (*roll, error) {
	r := rs.cached(space)
	if r == nil {
		r = &roll{space: space}
	}
	if rs.s.fresh(r) {
		return r, nil
	}
	if err := r.catchUp(ctx, rs.s); err != nil {
		return nil, err
	}
	if r.version() == 0 {
		return nil, nil
	}
	return rs.keep(r), nil
}

// fresh reports whether a roll may be used without asking.
func (s *Server) fresh(r *roll) bool {
	return r.version() > 0 && s.clock.Now().UnixNano()-r.looked.Load() < int64(again)
}

// keep remembers a roll and forgets those used longest ago.
func (rs *rolls) keep(r *roll) *roll {
	size := r.size() + rollCost
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if e := rs.each[r.space]; e != nil {
		k := e.Value.(*kept)
		if k.roll != r && k.roll.version() < r.version() {
			k.roll = r
		}
		rs.entries += size - k.cost
		k.cost = size
		return k.roll
	}
	rs.each[r.space] = rs.recent.PushFront(&kept{roll: r, cost: size})
	for rs.entries += size; rs.entries > rs.s.limits.Listed && rs.recent.Len() > 1; {
		last := rs.recent.Remove(rs.recent.Back()).(*kept)
		rs.entries -= last.cost
		delete(rs.each, last.roll.space)
	}
	return r
}

// mine gives the list of a space that belongs to the device's organisation.
// Failed: CodeUnknown.
func (c *conn) mine(ctx context.Context, space wire.SpaceID) (*roll, error) {
	r, err := c.s.rolls.of(ctx, space)
	if err != nil {
		return nil, err
	}
	if r == nil || r.owner() != c.tenant.id {
		return nil, failed(protocol.CodeUnknown)
	}
	return r, nil
}

// use gives the list of a space on which the device has rights. Failed:
// CodeUnknown, CodeForbidden.
func (c *conn) use(ctx context.Context, space wire.SpaceID) (*roll, error) {
	r, err := c.mine(ctx, space)
	if err != nil {
		return nil, err
	}
	if rights, _ := r.rights(c.device); rights == protocol.RightNone {
		return nil, forbidden()
	}
	return r, nil
}

// listedAnywhere reports whether a device is on a list of its organisation.
func (s *Server) listedAnywhere(ctx context.Context, d wire.DeviceID, t engine.Tenant) (bool, error) {
	const page, pages = 64, 16
	var after wire.SpaceID
	for range pages {
		spaces, err := s.engine.Listed(ctx, d, after, page)
		if err != nil {
			return false, fmt.Errorf("look for lists: %w", err)
		}
		for _, space := range spaces {
			r, err := s.rolls.of(ctx, space)
			if err != nil {
				return false, err
			}
			if r != nil && r.owner() == t {
				return true, nil
			}
		}
		if len(spaces) < page {
			return false, nil
		}
		after = spaces[len(spaces)-1]
	}
	return false, nil
}

// granted is the engine's callback: it only notes.
func (s *Server) granted(space wire.SpaceID, version uint64) {
	s.grants.mu.Lock()
	defer s.grants.mu.Unlock()
	if s.grants.from == nil {
		s.grants.from = map[wire.SpaceID]uint64{}
	}
	if old, noted := s.grants.from[space]; !noted || version < old {
		s.grants.from[space] = version
	}
	if !s.grants.busy {
		s.grants.busy = true
		go s.catchUp()
	}
}

// noted are spaces with new grants, each with the first version not looked at.
type noted struct {
	mu   sync.Mutex
	from map[wire.SpaceID]uint64
	busy bool
}

// catchUp looks at what was granted here or by another process.
func (s *Server) catchUp() {
	for {
		s.grants.mu.Lock()
		batch := s.grants.from
		if len(batch) == 0 || s.life.Err() != nil {
			s.grants.from, s.grants.busy = nil, false
			s.grants.mu.Unlock()
			return
		}
		s.grants.from = nil
		s.grants.mu.Unlock()
		for space, version := range batch {
			if err := s.lookAtGrants(space, version); err != nil && s.life.Err() == nil {
				s.log.Warn("grants could not be read", "error", err)
			}
		}
	}
}

func (s *Server) lookAtGrants(space wire.SpaceID, version uint64) error {
	ctx, cancel := context.WithTimeout(s.life, s.limits.Asking)
	defer cancel()
	if r := s.rolls.cached(space); r != nil {
		return r.catchUp(ctx, s)
	}
	signed, tenant, err := s.engine.Grants(ctx, space, min(version, math.MaxInt64)-1)
	if err != nil {
		return err
	}
	for _, one := range signed {
		var g protocol.Grant
		if err := wire.DecodeLoose(one.Raw, protocol.MaxMessage, &g); err != nil {
			return err
		}
		s.demote(ctx, s.announce(tenant, space, g.Set))
	}
	return nil
}
