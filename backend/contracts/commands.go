package contracts

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// openWithin is how long one call waits for a document that is on its way; the next one goes on waiting.
	openWithin = 15 * time.Second
	openLook   = 100 * time.Millisecond
)

// begin reads a contract that is going to be changed, and keeps others of this device from it.
func (c *Contracts) begin(ctx context.Context, id wire.SpaceID) (x *contract, release func(), err error) {
	release = c.hold(id)
	if x, err = c.contract(ctx, id); err == nil && !x.active {
		err = errcode.NotMember
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	return x, release, nil
}

// reasonText brings a reason into its form. Errors: errcode.FieldTooLong (max).
func reasonText(text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r", ""))
	if utf8.RuneCountInString(text) > flow.MaxReason {
		return "", errcode.Of(errcode.FieldTooLong, "max", flow.MaxReason)
	}
	return text, nil
}

// open fetches a document, and says so to the parties. Errors: errcode.AccessCodeWrong, errcode.DocumentAbsent, those of version.
func (c *Contracts) open(ctx context.Context, id wire.SpaceID, code string) error {
	if err := c.unseal(ctx, id, code); err != nil {
		return err
	}
	if err := c.await(ctx, id); err != nil {
		return err
	}
	x, release, err := c.begin(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	if _, err := c.versionOf(ctx, x, -1); err != nil {
		return err
	}
	for _, e := range x.Timeline {
		if e.Kind == "opened" && e.Person == c.Me.Person {
			return nil
		}
	}
	c.nudge(id) // what is here now is judged
	if x.Sender == c.Me.Person {
		return nil
	}
	err = c.say(ctx, x, saying{kind: flow.KindOpened, body: &flow.Opened{}})
	if errors.Is(err, errcode.NotReady) { // a viewer cannot begin a new epoch; it reads all the same, and says so the next time
		return nil
	}
	return err
}

// unseal takes an access code and keeps the key that it gives.
func (c *Contracts) unseal(ctx context.Context, id wire.SpaceID, code string) error {
	x, release, err := c.begin(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	if !x.locked() {
		return nil
	}
	if code = strings.TrimSpace(code); code == "" {
		return errcode.AccessCodeWrong
	}
	c.guessing.Lock() // one try takes 128 MiB
	k, err := codeKey(code, x.Sent.Document.Salt)
	c.guessing.Unlock()
	if err != nil {
		return err
	}
	l := x.local
	x.local.code = k.Bytes()
	f, err := x.file(x.Sent.Document.Blob)
	if err != nil {
		return err
	}
	l.code = k.Bytes()
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		if err := keepLocal(tx, id, l, l.tags); err != nil {
			return err
		}
		return learnPieces(tx, id, f)
	})
	if err == nil {
		c.Publish("contracts", topic(id))
	}
	return err
}

// await fetches what the latest version needs, and waits a while for it.
func (c *Contracts) await(ctx context.Context, id wire.SpaceID) error {
	for until := c.Clock.Now().Add(openWithin); ; {
		x, err := c.contract(ctx, id)
		if err != nil {
			return err
		}
		parts, broken := c.wanting(x)
		if broken != nil && !errors.Is(broken, errcode.DocumentDamaged) {
			return broken
		}
		if err = c.have(ctx, x, parts); !errors.Is(err, errcode.DocumentAbsent) || c.Clock.Now().After(until) || !c.coming(ctx, parts) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.Clock.After(openLook):
		}
	}
}

// awaitFile fetches one file beside the document, and waits a while for it as for the document.
func (c *Contracts) awaitFile(ctx context.Context, x *contract, f named) error {
	for until := c.Clock.Now().Add(openWithin); ; {
		err := c.have(ctx, x, []named{f})
		if !errors.Is(err, errcode.DocumentAbsent) || c.Clock.Now().After(until) || !c.coming(ctx, []named{f}) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.Clock.After(openLook):
		}
	}
}

// coming reports whether anything of it is on its way now.
func (c *Contracts) coming(ctx context.Context, all []named) bool {
	for _, f := range all {
		if s, err := c.Blobs.State(ctx, f.file.ID()); err == nil && s.Phase == blobs.Fetching {
			return true
		}
	}
	return false
}

// decline says that our party does not sign. Errors: errcode.Forbidden, errcode.ContractEnded, errcode.AlreadySigned.
func (c *Contracts) decline(ctx context.Context, id wire.SpaceID, reason string) error {
	return c.asParty(ctx, id, func(x *contract, p *flow.PartyState) error {
		text, err := reasonText(reason)
		if err != nil {
			return err
		}
		c.dequeue(id, p.ID)
		return c.say(ctx, x, saying{kind: flow.KindDeclined, body: &flow.Declined{Party: p.ID, Reason: text}})
	})
}

// withdraw takes back a consent whose signature is not made. Errors: as decline, errcode.ConsentMissing.
func (c *Contracts) withdraw(ctx context.Context, id wire.SpaceID) error {
	return c.asParty(ctx, id, func(x *contract, p *flow.PartyState) error {
		if p.Consent == nil {
			return errcode.ConsentMissing
		}
		c.dequeue(id, p.ID)
		return c.say(ctx, x, saying{kind: flow.KindWithdrawn, body: &flow.Withdrawn{Party: p.ID}})
	})
}

// asParty runs what a party of ours does that has not acted, while the contract goes on.
func (c *Contracts) asParty(ctx context.Context, id wire.SpaceID, do func(*contract, *flow.PartyState) error) error {
	x, release, err := c.begin(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	seen, wrong, err := c.proved(ctx, x)
	if err == nil {
		x = seen
	} else {
		c.Slog.WarnContext(ctx, "judge a contract's document", "err", err) // who signs hears it; who declines need not care
	}
	p := x.mine(c.Me.Person)
	switch {
	case p == nil || !p.Role.Acts():
		return errcode.Forbidden
	case p.Acted():
		return errcode.AlreadySigned
	case wrong:
		return errcode.DocumentChanged // just found: whose turn it is may be another thing now
	case !x.Live(c.Clock.Now().UnixMilli()):
		return errcode.ContractEnded
	}
	return do(x, p)
}

// asSender runs what only the sender does, while nothing is decided for ever: it is not as long as signatures are said of which nobody
// has the bytes.
func (c *Contracts) asSender(ctx context.Context, id wire.SpaceID, do func(*contract) error) error {
	x, release, err := c.begin(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	switch {
	case x.Sender != c.Me.Person:
		return errcode.Forbidden
	case x.Phase != flow.Running && x.Phase != flow.Refused && (x.Phase != flow.Completed || x.checked()):
		return errcode.ContractEnded
	}
	return do(x)
}

// void ends a contract. Errors: errcode.Forbidden, errcode.ContractEnded.
func (c *Contracts) void(ctx context.Context, id wire.SpaceID, reason string) error {
	return c.asSender(ctx, id, func(x *contract) error {
		text, err := reasonText(reason)
		if err != nil {
			return err
		}
		return c.say(ctx, x, saying{kind: flow.KindVoided, body: &flow.Voided{Reason: text}})
	})
}

// remind asks a party to look. Errors: as void, errcode.InvalidArgument.
func (c *Contracts) remind(ctx context.Context, id wire.SpaceID, party int32) error {
	return c.asSender(ctx, id, func(x *contract) error {
		p := x.party(party)
		switch {
		case p == nil || !x.pending(p.ID):
			return errcode.InvalidArgument
		case !x.Live(c.Clock.Now().UnixMilli()):
			return errcode.ContractEnded
		}
		if p.Consent != nil && c.unreachable(x) { // it waits for who keeps the document, and reminding it helps nobody
			return c.say(ctx, x, saying{kind: flow.KindPassed, body: &flow.Passed{Prev: x.Head, Next: p.ID}})
		}
		return c.say(ctx, x, saying{kind: flow.KindReminded, body: &flow.Reminded{Party: p.ID}})
	})
}

// party gives one by a number from the door; nil when there is none.
func (x *contract) party(id int32) *flow.PartyState {
	if id < 1 || int(id) > len(x.Parties) {
		return nil
	}
	return &x.Parties[id-1]
}

// setDeadline moves the deadline; 0 takes it away. Errors: as void, errcode.InvalidArgument for one that has passed.
func (c *Contracts) setDeadline(ctx context.Context, id wire.SpaceID, at int64) error {
	return c.asSender(ctx, id, func(x *contract) error {
		if at != 0 && at <= c.Clock.Now().UnixMilli() {
			return errcode.InvalidArgument
		}
		return c.say(ctx, x, saying{kind: flow.KindDeadlineSet, body: &flow.DeadlineSet{Deadline: at}})
	})
}

// reassign gives a party another person: the party itself hands it on, or the sender replaces it.
// Errors: errcode.Forbidden, errcode.ContractEnded, errcode.AlreadySigned, errcode.InvalidArgument.
func (c *Contracts) reassign(ctx context.Context, id wire.SpaceID, party int32, to wire.PersonID, reason string) error {
	x, release, err := c.begin(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	text, err := reasonText(reason)
	if err != nil {
		return err
	}
	p := x.party(party)
	now := c.Clock.Now().UnixMilli()
	switch {
	case p == nil || p.Person == to:
		return errcode.InvalidArgument
	case p.Person != c.Me.Person && x.Sender != c.Me.Person:
		return errcode.Forbidden
	case p.Acted():
		return errcode.AlreadySigned
	case x.Expired(now) || x.Phase != flow.Running && (x.Phase != flow.Refused || x.Sender != c.Me.Person):
		return errcode.ContractEnded
	}
	if err := c.admit(ctx, x, to, space.Member); err != nil {
		return err
	}
	c.dequeue(id, p.ID)
	return c.say(ctx, x, saying{kind: flow.KindReassigned, body: &flow.Reassigned{Party: p.ID, From: p.Person, To: to, Name: c.Name(ctx, x.workspace, to), Reason: text}})
}

// admit lets a colleague into a contract, who may be in it already. Errors: errcode.Forbidden for who is no member of the workspace.
func (c *Contracts) admit(ctx context.Context, x *contract, person wire.PersonID, role space.Role) error {
	var member space.Membership
	var before bool
	var since uint64
	if err := c.Log.View(x.id, func(s *space.State) {
		if member, before = s.Member(person); before {
			since = s.Return(person)
		}
	}); err != nil {
		return err
	}
	if before && member.Active {
		if member.Role >= role || x.Sender != c.Me.Person {
			return nil
		}
		return c.Log.Change(ctx, x.id, space.Op{SetRole: &space.SetRole{Person: person, Role: role}})
	}
	party, ok := c.PartyOf(x.workspace, person)
	if !ok {
		return errcode.Forbidden
	}
	add := space.Add{Party: party, Role: role}
	if before {
		add.Since = max(uint64(c.Clock.Now().UnixMilli()), since)
	}
	return c.Log.Change(ctx, x.id, space.Op{Add: &add})
}

// setArchive keeps what this device alone says of a contract.
func (c *Contracts) setArchive(ctx context.Context, id wire.SpaceID, l local) error {
	release := c.hold(id)
	defer release()
	x, err := c.contract(ctx, id)
	if err != nil {
		return err
	}
	if l.retain < 0 || l.ends < 0 || len(l.tags) > maxTags {
		return errcode.InvalidArgument
	}
	for i := range l.tags {
		if err := cleanLines(maxTag, &l.tags[i]); err != nil {
			return err
		}
		if l.tags[i] == "" {
			return errcode.InvalidArgument
		}
	}
	next := x.local
	next.archived, next.retain, next.ends = l.archived, l.retain, l.ends
	if err := c.DB.Write(ctx, func(tx *store.Tx) error { return keepLocal(tx, id, next, l.tags) }); err != nil {
		return err
	}
	c.Publish("contracts", topic(id))
	return nil
}

// keepFile is what is written together with an event that names files of this device.
func (c *Contracts) keepFile(x *contract, f named) func(tx *store.Tx, e eventlog.Event) error {
	return func(tx *store.Tx, e eventlog.Event) error {
		if len(x.Sent.Document.Salt) > 0 {
			if err := learnPieces(tx, x.id, f.file); err != nil {
				return err
			}
		}
		return c.Blobs.Keep(tx, x.id, e.Feed.Device, f.file)
	}
}
