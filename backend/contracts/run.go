package contracts

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

const (
	// lookEvery is how often all contracts are looked at: for reminders, and for what did not work before.
	lookEvery = time.Minute
	// doneAfter is how long a complete contract is looked at by itself: for its evidence, and for who gets a copy.
	doneAfter = 30 * 24 * time.Hour
	// autoFetch is up to what size a document is fetched without being opened.
	autoFetch = 64 << 20
)

// nudge has Run look at a contract; when too many wait, it looks at all.
func (c *Contracts) nudge(id wire.SpaceID) {
	select {
	case c.noted <- id:
	default:
		select {
		case c.crowd <- struct{}{}:
		default:
		}
	}
}

// Arrived says that files of a space may be here now. It does not block.
func (c *Contracts) Arrived(id wire.SpaceID) { c.nudge(id) }

// runContracts does what contracts ask of this device by itself until ctx ends.
func (c *Contracts) runContracts(ctx context.Context) {
	c.lookAtAll(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-c.noted:
			c.lookAt(ctx, id)
		case <-c.crowd:
			c.lookAtAll(ctx)
		case <-c.Clock.After(lookEvery):
			c.lookAtAll(ctx)
		}
	}
}

func (c *Contracts) lookAtAll(ctx context.Context) {
	all, err := c.rows(ctx, wire.SpaceID{})
	if err != nil {
		if ctx.Err() == nil {
			c.Slog.ErrorContext(ctx, "look at contracts", "err", err)
		}
		return
	}
	for _, r := range all {
		if ctx.Err() != nil {
			return
		}
		// What was over for long has got all that it will get.
		if over := max(r.completed, r.changed); r.phase == flow.Ended || r.phase == flow.Completed && c.Clock.Now().UnixMilli()-over > doneAfter.Milliseconds() {
			continue
		}
		c.lookAt(ctx, r.id)
	}
}

// lookAt does what one contract asks of this device now. What cannot be done waits for the next look.
func (c *Contracts) lookAt(ctx context.Context, id wire.SpaceID) {
	release := c.hold(id)
	defer release()
	x, err := c.contract(ctx, id)
	if errors.Is(err, errcode.NotFound) {
		return
	}
	serves := err == nil
	if err == nil && x.local.deleted {
		serves, err = c.comesBack(ctx, x)
	}
	if serves {
		c.forgetQueue(x)
	}
	if serves && x.active {
		err = c.serve(ctx, x)
	}
	switch {
	case err == nil || ctx.Err() != nil:
	case errors.Is(err, errcode.DocumentAbsent) || errors.Is(err, errcode.TimeUnreachable):
		c.Slog.InfoContext(ctx, "a contract waits", "err", err)
	default:
		c.Slog.WarnContext(ctx, "look at a contract", "err", err)
	}
}

// serve does one thing after the other: what one of them waits for keeps nothing else back.
func (c *Contracts) serve(ctx context.Context, x *contract) error {
	err := errors.Join(c.welcome(ctx, x), c.fetchAhead(ctx, x), c.turn(ctx, x.id))
	x, again := c.contract(ctx, x.id) // some of it may have been found wrong
	if again != nil {
		return errors.Join(err, again)
	}
	if err := c.keepPin(ctx, x); err != nil {
		return err
	}
	if len(x.Versions) > 2 {
		c.tidyVersions(x)
	}
	if x.By != c.Log.Self() {
		return err
	}
	// The rest is for the device that sent it: of several, each would do it.
	switch {
	case x.done():
		err = errors.Join(err, c.copies(ctx, x), c.preserve(ctx, x))
	case x.Live(c.Clock.Now().UnixMilli()):
		err = errors.Join(err, c.remindAll(ctx, x))
	}
	return err
}

// forgetQueue drops keys that wait for what can no longer happen.
func (c *Contracts) forgetQueue(x *contract) {
	over := x.done() || x.Phase == flow.Ended || !x.active || x.Expired(c.Clock.Now().UnixMilli())
	for i := range x.Parties {
		if p := &x.Parties[i]; over || p.Acted() || p.Person != c.Me.Person {
			c.dequeue(x.id, p.ID)
		}
	}
}

// fetchAhead fetches documents before somebody looks, as far as they are of a usual size: to sign them without a connection.
func (c *Contracts) fetchAhead(ctx context.Context, x *contract) error {
	if x.locked() || x.Latest().Size > autoFetch || x.Phase == flow.Ended {
		return nil
	}
	all, err := c.wanting(x)
	if err != nil && !errors.Is(err, errcode.DocumentDamaged) { // what cannot be a part of the document is judged when those before it are here
		return err
	}
	for _, f := range all {
		if err := c.fetch(ctx, x, f, false); err != nil {
			return err
		}
	}
	return nil
}

// remindAll reminds those who can act, every so many days.
func (c *Contracts) remindAll(ctx context.Context, x *contract) error {
	every := time.Duration(x.Sent.RemindDays) * 24 * time.Hour
	if every == 0 || x.Reminders >= flow.MaxReminders {
		return nil
	}
	last := map[uint8]time.Time{}
	for party, at := range x.Reminded {
		last[party] = at.Time()
	}
	since := x.SentAt.Time() // or since the step before was done
	for _, p := range x.Parties {
		if p.Acted() && p.At.Time().After(since) {
			since = p.At.Time()
		}
	}
	var all []saying
	for _, id := range x.Pending {
		p := x.Party(id)
		at := last[id]
		if at.Before(since) {
			at = since
		}
		if p.Consent == nil && p.Person != c.Me.Person && c.Clock.Now().Sub(at) >= every {
			all = append(all, saying{kind: flow.KindReminded, body: &flow.Reminded{Party: id}})
		}
	}
	if len(all) == 0 {
		return nil
	}
	return c.say(ctx, x, all...)
}

// copies lets those in who get the document when it is complete.
func (c *Contracts) copies(ctx context.Context, x *contract) (err error) {
	for _, p := range x.Parties {
		if p.Role != flow.Copy || p.Person.IsZero() {
			continue
		}
		in := false
		_ = c.Log.View(x.id, func(s *space.State) { _, in = s.Member(p.Person) })
		if !in {
			err = errors.Join(err, c.admit(ctx, x, p.Person, space.Guest))
		}
	}
	return err
}

// preserve adds to a complete document what a later check needs when nobody answers any more: certificates, lists of revoked ones and, where an
// authority stamps times, a stamp over all of it.
func (c *Contracts) preserve(ctx context.Context, x *contract) error {
	if x.Preserved || x.Latest().Act == nil {
		return nil
	}
	w, err := c.work(ctx, x)
	if err != nil {
		return err
	}
	defer w.close()
	e, err := w.evidence(ctx)
	if err != nil {
		return err
	}
	if len(e.Certificates) == 0 {
		return nil
	}
	if err := w.step(func(f *pdf.File, out io.Writer) error { _, err := pades.Preserve(f, out, nil, e); return err }); err != nil {
		return err
	}
	// Without trusted time a signature does not reach a higher level by that, but its certificates are there.
	if a := c.authority(); a != nil {
		var result *pades.Result
		err := w.step(func(f *pdf.File, out io.Writer) (err error) {
			result, err = pades.Stamp(ctx, f, out, "roundtable-document-stamp", a)
			return err
		})
		if err != nil {
			return err // a complete document can wait for its stamp
		}
		w.level = "B-LTA"
		if result.Stamp != nil {
			w.stamp = result.Stamp.At.UnixMilli()
		}
	}
	return w.finish(ctx, &flow.Acted{Prev: x.Head, What: flow.Preserved}, false)
}

// evidence collects the certificates of all signatures and stamps in the document, and what is known of revoked ones.
func (w *work) evidence(ctx context.Context) (e pades.Evidence, err error) {
	f, err := os.Open(w.path)
	if err != nil {
		return e, diskError(err)
	}
	defer f.Close()
	trust, err := w.c.trust(ctx) // whoever is trusted leads to their certificates, too
	if err != nil {
		return e, err
	}
	report, err := verify.File(f, int64(w.x.Latest().Size), trust)
	if err != nil {
		return e, pdfError(err)
	}
	add := func(all ...*x509.Certificate) {
		for _, one := range all {
			if one != nil && !slices.ContainsFunc(e.Certificates, one.Equal) {
				e.Certificates = append(e.Certificates, one)
			}
		}
	}
	for _, s := range report.Signatures {
		add(s.Certificate)
		add(s.Chain...)
		if s.Stamp != nil {
			add(s.Stamp.Certificate)
		}
	}
	if w.c.Office != nil {
		e.CRLs, err = w.c.Office.Lists(ctx, w.x.workspace)
	}
	return e, err
}

// sweepWork removes what a crash left: folders in which something was being signed, versions that are not whole.
func (c *Contracts) sweepWork() error {
	for _, pattern := range []string{"signing-*", filepath.Join("contracts", "*", "part-*")} {
		all, err := filepath.Glob(filepath.Join(escapeGlob(c.Folder), pattern))
		if err != nil {
			return err
		}
		for _, path := range all {
			if err := os.RemoveAll(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// escapeGlob has a path stand for itself in a pattern. Where a backslash parts folders, patterns know no escapes but classes.
func escapeGlob(path string) string {
	return strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(path)
}
