package contracts

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"slices"
	"time"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local_pin.sql
var pinSchema string

// tidyAfter is how long a version stays that is not the latest any more: somebody may be about to read it.
const tidyAfter = time.Hour

// pinOf is the end of the complete chain of a contract that this device stays with; zero when it saw none.
func (c *Contracts) pinOf(ctx context.Context, id wire.SpaceID) (out wire.EventID, err error) {
	var raw []byte
	err = c.DB.Read().QueryRowContext(ctx, `SELECT head FROM contractslocal_pin WHERE space = ?`, id[:]).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(raw) != len(out) {
		return out, nil
	}
	if err != nil {
		return out, store.Classify(err)
	}
	return wire.EventID(raw), nil
}

// keepPin stays with a complete contract whose document is here and was judged. It moves on with what is put behind that document, and nowhere else.
func (c *Contracts) keepPin(ctx context.Context, x *contract) error {
	if !x.done() || !x.pin.IsZero() && !x.Pinned {
		return nil
	}
	head := x.Head
	if last := x.Latest(); x.Preserved && last.Act != nil && last.Act.What == flow.Preserved && !x.good(last.Event) {
		head = last.Act.Prev // what was added may never come
	}
	if head == x.pin {
		return nil
	}
	return c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT OR REPLACE INTO contractslocal_pin VALUES(?, ?)`, x.id[:], head[:])
		return err
	})
}

// passes reports whether this device hands the document on: it is with our person, or we sent it and who has it is gone.
func (c *Contracts) passes(x *contract) bool {
	return x.HolderPerson() == c.Me.Person || x.Holder == 0 && x.By == c.Log.Self() && c.gone(x, x.Keeper)
}

// gone reports whether a person is no member of a contract any more.
func (c *Contracts) gone(x *contract, person wire.PersonID) bool {
	active := true
	_ = c.Log.View(x.id, func(s *space.State) {
		m, _ := s.Member(person)
		active = m.Active
	})
	return !active
}

// unreachable reports whether the document is kept by somebody else who is gone, or cannot be reached now.
func (c *Contracts) unreachable(x *contract) bool {
	return x.Holder == 0 && x.Keeper != c.Me.Person && (c.gone(x, x.Keeper) || c.Reachable != nil && !c.Reachable(x.Keeper))
}

// handed is the party that has the document in hand, were it ours: one of ours that can act is none to pass it to.
func (c *Contracts) handed(x *contract, party uint8) bool {
	return party == x.Holder || x.Holds(c.Me.Person, party)
}

// tidyVersions removes versions that nobody asks for: all but what was sent, what everybody signed, the latest and, as long as that one is not known
// to be good, the last good one.
func (c *Contracts) tidyVersions(x *contract) {
	last := len(x.Versions) - 1
	good := last
	for good > 0 && !x.good(x.Versions[good].Event) {
		good--
	}
	c.assembling.Lock()
	defer c.assembling.Unlock()
	for i, v := range x.Versions {
		if slices.Contains([]int{0, good, last}, i) || v.Event == x.pin || x.Preserved && i == last-1 {
			continue
		}
		c.forgetVersion(x.id, v.SHA256)
	}
}
