package ding

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// roundRow is a row of ding_round.
type roundRow struct {
	space  wire.SpaceID
	at     Ref
	person wire.PersonID
	stamp  int64
	all    bool
	notice Ref
}

// word is what somebody said of a notice.
type word struct {
	what   int
	person wire.PersonID
	stamp  int64
}

// notice is one with all that is known of it.
type notice struct {
	space   wire.SpaceID
	at      Ref
	person  wire.PersonID
	stamp   int64
	message Ref
	rounds  []roundRow // of its author, by time
	words   []word
	off     int64 // stamp at which its author called it off, 0: not
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func contains(all []wire.PersonID, p wire.PersonID) bool { return slices.Contains(all, p) }

func classify(err error) error {
	if errors.Is(err, eventlog.ErrUnknownSpace) {
		return errcode.NotFound
	}
	return err
}

func (g *Ding) rounds(ctx context.Context, rest string, args ...any) ([]roundRow, error) {
	rows, err := g.DB.Read().QueryContext(ctx, `SELECT r.space, r.device, r.start, r.seq, r.person, r.stamp, r.everybody, r.ndevice, r.nstart, r.nseq FROM ding_round r `+rest, args...)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	var out []roundRow
	for rows.Next() {
		var r roundRow
		var id, device, person, ndevice []byte
		if err := rows.Scan(&id, &device, &r.at.Start, &r.at.Seq, &person, &r.stamp, &r.all, &ndevice, &r.notice.Start, &r.notice.Seq); err != nil {
			return nil, store.Classify(err)
		}
		r.space, r.at.Device, r.person, r.notice.Device = wire.SpaceID(id), wire.DeviceID(device), wire.PersonID(person), wire.DeviceID(ndevice)
		out = append(out, r)
	}
	return out, store.Classify(rows.Err())
}

// written finds what we wrote under a nonce: the notice it is or reminds of.
func (g *Ding) written(ctx context.Context, id wire.SpaceID, nonce []byte) (Ref, bool, error) {
	all, err := g.rounds(ctx, `WHERE r.person = ? AND r.space = ? AND r.nonce = ? LIMIT 1`, g.Me[:], id[:], nonce)
	if err != nil || len(all) == 0 {
		return Ref{}, false, err
	}
	return all[0].notice, true, nil
}

func (g *Ding) notices(ctx context.Context, rest string, args ...any) ([]notice, error) {
	rows, err := g.DB.Read().QueryContext(ctx, `SELECT n.space, n.device, n.start, n.seq, n.person, n.stamp, n.mdevice, n.mstart, n.mseq FROM ding_notice n `+rest, args...)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	var out []notice
	for rows.Next() {
		var x notice
		var id, device, person, mdevice []byte
		if err := rows.Scan(&id, &device, &x.at.Start, &x.at.Seq, &person, &x.stamp, &mdevice, &x.message.Start, &x.message.Seq); err != nil {
			return nil, store.Classify(err)
		}
		x.space, x.at.Device, x.person, x.message.Device = wire.SpaceID(id), wire.DeviceID(device), wire.PersonID(person), wire.DeviceID(mdevice)
		out = append(out, x)
	}
	if err := rows.Err(); err != nil {
		return nil, store.Classify(err)
	}
	for i := range out {
		if err := g.complete(ctx, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// complete reads what was made of a notice. Only its author reminds of it and calls it off.
func (g *Ding) complete(ctx context.Context, x *notice) error {
	at := []any{x.space[:], x.at.Device[:], int64(x.at.Start), int64(x.at.Seq)}
	var err error
	if x.rounds, err = g.rounds(ctx, `WHERE r.space = ? AND r.ndevice = ? AND r.nstart = ? AND r.nseq = ? AND r.person = ? ORDER BY r.stamp, r.device, r.start, r.seq`,
		append(slices.Clone(at), x.person[:])...); err != nil {
		return err
	}
	rows, err := g.DB.Read().QueryContext(ctx, `SELECT what, person, stamp FROM ding_word WHERE space = ? AND device = ? AND start = ? AND seq = ?`, at...)
	if err != nil {
		return store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var w word
		var person []byte
		if err := rows.Scan(&w.what, &person, &w.stamp); err != nil {
			return store.Classify(err)
		}
		w.person = wire.PersonID(person)
		x.words = append(x.words, w)
		if w.what == words[CalledOff] && w.person == x.person {
			x.off = w.stamp
		}
	}
	return store.Classify(rows.Err())
}

// said gives the time at which somebody said a thing of it, 0: never.
func (x notice) said(kind event.Kind, person wire.PersonID) int64 {
	for _, w := range x.words {
		if w.what == words[kind] && w.person == person {
			return w.stamp
		}
	}
	return 0
}

// notice finds one. Errors: errcode.NotFound.
func (g *Ding) notice(ctx context.Context, id wire.SpaceID, at Ref) (notice, error) {
	all, err := g.notices(ctx, `WHERE n.space = ? AND n.device = ? AND n.start = ? AND n.seq = ?`, id[:], at.Device[:], int64(at.Start), int64(at.Seq))
	if err != nil {
		return notice{}, err
	}
	if len(all) == 0 {
		return notice{}, errcode.NotFound
	}
	return all[0], nil
}

// ours finds one of our own. Errors: errcode.NotFound, errcode.Forbidden.
func (g *Ding) ours(ctx context.Context, id wire.SpaceID, at Ref) (notice, error) {
	x, err := g.notice(ctx, id, at)
	if err == nil && x.person != g.Me {
		err = errcode.Forbidden
	}
	return x, err
}

// people are those a notice is for, whether or not they are still there.
func (g *Ding) people(ctx context.Context, x notice) ([]wire.PersonID, error) {
	seen := map[wire.PersonID]bool{x.person: true}
	var out []wire.PersonID
	add := func(p wire.PersonID) {
		if !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	for _, r := range x.rounds {
		if r.all {
			_ = g.Log.View(x.space, func(s *space.State) {
				for _, m := range s.Members() {
					if m.Active && int64(m.Joined) <= r.stamp {
						add(m.Person)
					}
				}
			})
			continue
		}
		rows, err := g.DB.Read().QueryContext(ctx, `SELECT person FROM ding_to WHERE space = ? AND device = ? AND start = ? AND seq = ?`,
			x.space[:], r.at.Device[:], int64(r.at.Start), int64(r.at.Seq))
		if err != nil {
			return nil, store.Classify(err)
		}
		for rows.Next() {
			var p []byte
			if err := rows.Scan(&p); err != nil {
				return nil, errors.Join(store.Classify(err), rows.Close())
			}
			add(wire.PersonID(p))
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, store.Classify(err)
		}
	}
	return out, nil
}

// unconfirmed are those of them who belong to the conversation and did not confirm.
func (g *Ding) unconfirmed(ctx context.Context, x notice) (out []wire.PersonID, err error) {
	all, err := g.people(ctx, x)
	_ = g.Log.View(x.space, func(s *space.State) {
		for _, p := range all {
			if m, ok := s.Member(p); ok && m.Active && x.said(Confirmed, p) == 0 {
				out = append(out, p)
			}
		}
	})
	return out, err
}

// noteDelivered keeps when this device learned that somebody holds a notice of ours.
func (g *Ding) noteDelivered(ctx context.Context) (news bool, err error) {
	from := g.Clock.Now().Add(-noticeLife).UnixMilli() << 16
	all, err := g.notices(ctx, `WHERE n.person = ? AND n.stamp > ? ORDER BY n.stamp DESC LIMIT 200`, g.Me[:], from)
	if err != nil {
		return false, err
	}
	for _, x := range all {
		known, err := g.delivered(ctx, x)
		if err != nil {
			return news, err
		}
		for p := range g.holders(x) {
			if _, is := known[p]; is {
				continue
			}
			if err := g.DB.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(`INSERT OR IGNORE INTO dinglocal_delivered VALUES(?, ?, ?, ?, ?, ?)`, x.space[:], x.at.Device[:], int64(x.at.Start), int64(x.at.Seq),
					p[:], g.Clock.Now().UnixMilli())
				return err
			}); err != nil {
				return news, err
			}
			news = true
		}
	}
	return news, nil
}

// holders are the people of whom a device said that it holds a notice.
func (g *Ding) holders(x notice) map[wire.PersonID]bool {
	out := map[wire.PersonID]bool{}
	held := g.Log.Holders(x.space, x.at.Feed())
	_ = g.Log.View(x.space, func(s *space.State) {
		for device, seq := range held {
			if p, ok := s.Person(device); ok && seq >= x.at.Seq && p != g.Me {
				out[p] = true
			}
		}
	})
	return out
}

// delivered gives when it was learned, in Unix ms.
func (g *Ding) delivered(ctx context.Context, x notice) (map[wire.PersonID]int64, error) {
	rows, err := g.DB.Read().QueryContext(ctx, `SELECT person, at FROM dinglocal_delivered WHERE space = ? AND device = ? AND start = ? AND seq = ?`,
		x.space[:], x.at.Device[:], int64(x.at.Start), int64(x.at.Seq))
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.PersonID]int64{}
	for rows.Next() {
		var p []byte
		var at int64
		if err := rows.Scan(&p, &at); err != nil {
			return nil, store.Classify(err)
		}
		out[wire.PersonID(p)] = at
	}
	return out, store.Classify(rows.Err())
}

// idOf is the text form of a notice's name on the door.
func idOf(id wire.SpaceID, at Ref) string {
	return strings.Join([]string{id.String(), at.Device.String(), strconv.FormatUint(at.Start, 10), strconv.FormatUint(at.Seq, 10)}, ".")
}

// parseID reads it. Errors: errcode.InvalidArgument.
func parseID(text string) (id wire.SpaceID, at Ref, err error) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 {
		return id, at, errcode.InvalidArgument
	}
	id, err1 := wire.ParseSpaceID(parts[0])
	device, err2 := wire.ParseDeviceID(parts[1])
	start, err3 := strconv.ParseUint(parts[2], 10, 62)
	seq, err4 := strconv.ParseUint(parts[3], 10, 62)
	at = Ref{Device: device, Start: start, Seq: seq}
	if err := errors.Join(err1, err2, err3, err4); err != nil || !at.valid() {
		return id, at, errcode.With(errcode.InvalidArgument, errors.Join(errors.New("name of a notice"), err))
	}
	return id, at, nil
}

func ms(stamp int64) int64 {
	if stamp == 0 {
		return 0
	}
	return clock.Stamp(stamp).UnixMilli()
}
