package ding

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Rules of a workspace: who may write rounds, and how many of them one person may.
type Rules struct {
	Who            Who
	PerDay, PerTen int
}

// defaultRules hold where a workspace says nothing: enough for who organises a day,
// too few to make a habit of it.
var defaultRules = Rules{Who: Everybody, PerDay: 10, PerTen: 3}

// verdict of a round.
type verdict int

const (
	stands verdict = 1 + iota
	overLimit
	notAllowed
)

// rulesAt is what who manages a workspace said last before a time.
func (g *Ding) rulesAt(ctx context.Context, workspace wire.SpaceID, stamp int64) (Rules, error) {
	rows, err := g.DB.Read().QueryContext(ctx, `SELECT person, who, per_day, per_ten FROM ding_rules WHERE space = ? AND stamp <= ?
		ORDER BY stamp DESC, device DESC, start DESC, seq DESC`, workspace[:], stamp)
	if err != nil {
		return Rules{}, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var person []byte
		var r Rules
		if err := rows.Scan(&person, &r.Who, &r.PerDay, &r.PerTen); err != nil {
			return Rules{}, store.Classify(err)
		}
		if g.managed(workspace, wire.PersonID(person)) {
			return r, nil
		}
	}
	return defaultRules, store.Classify(rows.Err())
}

// managed reports whether a person manages a space, or ever did.
func (g *Ding) managed(id wire.SpaceID, person wire.PersonID) (ok bool) {
	_ = g.Log.View(id, func(s *space.State) {
		m, in := s.Member(person)
		ok = in && m.Peak >= space.Admin
	})
	return ok
}

// counted is how many rounds of a person in a workspace stand before one, within a span.
func (g *Ding) counted(ctx context.Context, workspace wire.SpaceID, r roundRow, span time.Duration) (n int, err error) {
	from := max(clock.Stamp(r.stamp).UnixMilli()-span.Milliseconds(), 0) << 16
	err = g.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM ding_round r JOIN ding_space s ON s.space = r.space
		WHERE s.workspace = ?1 AND r.person = ?2 AND r.stamp > ?3 AND (r.stamp, r.space, r.device, r.start, r.seq) < (?4, ?5, ?6, ?7, ?8)`,
		workspace[:], r.person[:], from, r.stamp, r.space[:], r.at.Device[:], int64(r.at.Start), int64(r.at.Seq)).Scan(&n)
	return n, store.Classify(err)
}

// judge says whether a round may be put before people, from signed events alone.
// Roles are those of now or ever: content and control have no common order.
func (g *Ding) judge(ctx context.Context, workspace wire.SpaceID, r roundRow) (verdict, Rules, error) {
	rules, err := g.rulesAt(ctx, workspace, r.stamp)
	if err != nil {
		return 0, rules, err
	}
	if rules.Who == Leads && !g.managed(workspace, r.person) && !g.managed(r.space, r.person) && !g.Lead(ctx, workspace, r.person) {
		return notAllowed, rules, nil
	}
	for span, most := range map[time.Duration]int{day: rules.PerDay, tenMinutes: rules.PerTen} {
		n, err := g.counted(ctx, workspace, r, span)
		if err != nil {
			return 0, rules, err
		}
		if n >= most {
			return overLimit, rules, nil
		}
	}
	return stands, rules, nil
}

// may reports whether our person may write one more round now.
// Errors: errcode.DingForbidden, errcode.DingLimit (max, minutes), errcode.NotFound.
func (g *Ding) may(ctx context.Context, id wire.SpaceID) error {
	workspace, _, err := g.place(ctx, id)
	if err != nil {
		return err
	}
	// Where the next event will stand: after everything, now.
	next := roundRow{space: id, person: g.Me, stamp: int64(g.Log.Now()) | math.MaxUint16}
	v, rules, err := g.judge(ctx, workspace, next)
	switch {
	case err != nil:
		return err
	case v == notAllowed:
		return errcode.DingForbidden
	case v == overLimit:
		n, err := g.counted(ctx, workspace, next, tenMinutes)
		if err == nil && n >= rules.PerTen {
			return errcode.Of(errcode.DingLimit, "max", rules.PerTen, "minutes", int(tenMinutes.Minutes()))
		}
		return first(err, errcode.Of(errcode.DingLimit, "max", rules.PerDay, "minutes", int(day.Minutes())))
	}
	return nil
}

// place gives the workspace of a conversation and what kind it is. Errors: errcode.NotFound.
func (g *Ding) place(ctx context.Context, id wire.SpaceID) (workspace wire.SpaceID, kind space.Kind, err error) {
	var raw []byte
	err = g.DB.Read().QueryRowContext(ctx, `SELECT workspace, kind FROM ding_space WHERE space = ?`, id[:]).Scan(&raw, &kind)
	if errors.Is(err, sql.ErrNoRows) {
		return workspace, kind, errcode.NotFound
	}
	if err != nil {
		return workspace, kind, store.Classify(err)
	}
	return wire.SpaceID(raw), kind, nil
}

// admit decides on rounds that came for our person and on which nothing was decided
// yet: once for each, so that what has been on the screen stays, and what was over the
// limit does not come later because a clock moved. It reports whether there were any.
func (g *Ding) admit(ctx context.Context) (any bool, err error) {
	now := g.Clock.Now()
	from := now.Add(-noticeLife).UnixMilli() << 16
	all, err := g.rounds(ctx, `JOIN ding_space s ON s.space = r.space
		LEFT JOIN dinglocal_came c ON c.space = r.space AND c.device = r.device AND c.start = r.start AND c.seq = r.seq
		WHERE r.stamp > ? AND r.person <> ? AND s.active AND c.at IS NULL AND (r.everybody OR EXISTS(
			SELECT 1 FROM ding_to t WHERE t.space = r.space AND t.device = r.device AND t.start = r.start AND t.seq = r.seq AND t.person = ?))
		ORDER BY r.stamp LIMIT 500`, from, g.Me[:], g.Me[:])
	for _, r := range all {
		if err != nil {
			break
		}
		var done bool
		done, err = g.admitOne(ctx, r, now)
		any = any || done
	}
	return any, err
}

func (g *Ding) admitOne(ctx context.Context, r roundRow, now time.Time) (bool, error) {
	if r.all && g.joinedAfter(r.space, r.stamp) {
		return false, nil
	}
	x, err := g.notice(ctx, r.space, r.notice)
	if errors.Is(err, errcode.NotFound) || err == nil && x.person != r.person {
		return false, nil // its notice comes, or is not theirs to remind of
	}
	if err != nil {
		return false, err
	}
	said, ok, err := g.Messages.Placed(ctx, r.space, x.message)
	if err != nil || !ok || said.Person != r.person {
		return false, err // the message comes, or is not theirs
	}
	workspace, _, err := g.place(ctx, r.space)
	if err != nil {
		return false, err
	}
	v, rules, err := g.judge(ctx, workspace, r)
	if err != nil {
		return false, err
	}
	var came int
	err = g.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM dinglocal_came WHERE person = ? AND at > ? AND sounds AND NOT over`,
		r.person[:], now.Add(-day).UnixMilli()).Scan(&came)
	if err != nil {
		return false, store.Classify(err)
	}
	sounds := now.Sub(clock.Stamp(r.stamp).Time()) <= soundLife
	over := v != stands || sounds && came >= rules.PerDay
	err = g.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT OR IGNORE INTO dinglocal_came VALUES(?, ?, ?, ?, ?, ?, ?, ?)`, r.space[:], r.at.Device[:], int64(r.at.Start), int64(r.at.Seq),
			r.person[:], now.UnixMilli(), over, sounds)
		return err
	})
	return err == nil, err
}

// joinedAfter: what was said to everybody before we came in was not said to us.
func (g *Ding) joinedAfter(id wire.SpaceID, stamp int64) (after bool) {
	_ = g.Log.View(id, func(s *space.State) {
		m, ok := s.Member(g.Me)
		after = !ok || int64(m.Joined) > stamp
	})
	return after
}
