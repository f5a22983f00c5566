package calls

import (
	"context"
	"database/sql"

	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// maxPast bounds the calls of the past that are shown.
const maxPast = 100

// place is a conversation.
type place struct {
	space, workspace wire.SpaceID
	kind             space.Kind
}

// places are the conversations that we belong to, of one workspace or of all.
func (c *Calls) places(ctx context.Context, workspace wire.SpaceID) (map[wire.SpaceID]place, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT space, workspace, kind FROM calls_space WHERE active AND (workspace = ?1 OR ?2)`, workspace[:], workspace.IsZero())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[wire.SpaceID]place{}
	for rows.Next() {
		var id, ws []byte
		var p place
		if err := rows.Scan(&id, &ws, &p.kind); err != nil {
			return nil, err
		}
		p.space, p.workspace = wire.SpaceID(id), wire.SpaceID(ws)
		out[p.space] = p
	}
	return out, rows.Err()
}

// past is an ended call, or one of which nobody wrote the end.
type past struct {
	place
	call     wire.CallID
	person   wire.PersonID
	begun    int64 // Unix ms
	ended    int64 // 0: nobody wrote it
	video    bool
	title    string
	declined bool // by us
	been     bool // this device was in it
	seen     bool // it was looked at that it was missed
	there    []wire.PersonID
}

const pastQuery = `SELECT s.call, s.space, p.workspace, p.kind, s.person, s.stamp >> 16, coalesce(e.stamp >> 16, 0), s.video, coalesce(m.title, ''),
	EXISTS(SELECT 1 FROM calls_declined d WHERE d.space = s.space AND d.call = s.call AND d.person = ?3),
	EXISTS(SELECT 1 FROM callslocal_been b WHERE b.call = s.call), EXISTS(SELECT 1 FROM callslocal_seen x WHERE x.call = s.call)
	FROM calls_started s JOIN calls_space p USING(space) LEFT JOIN calls_ended e USING(space, call) LEFT JOIN calls_planned m ON m.meeting = s.planned AND m.space = s.space
	WHERE p.active AND (p.workspace = ?1 OR ?2) ORDER BY s.stamp DESC LIMIT ?4`

// pasts lists calls, the latest first. Those that go on are among them.
func (c *Calls) pasts(ctx context.Context, workspace wire.SpaceID) ([]past, error) {
	rows, err := c.DB.Read().QueryContext(ctx, pastQuery, workspace[:], workspace.IsZero(), c.Me.Person[:], maxPast)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []past
	for rows.Next() {
		var x past
		var call, id, ws, person []byte
		if err := rows.Scan(&call, &id, &ws, &x.kind, &person, &x.begun, &x.ended, &x.video, &x.title, &x.declined, &x.been, &x.seen); err != nil {
			return nil, err
		}
		x.call, x.space, x.workspace, x.person = wire.CallID(call), wire.SpaceID(id), wire.SpaceID(ws), wire.PersonID(person)
		out = append(out, x)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].there, err = c.thereOf(ctx, out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Calls) thereOf(ctx context.Context, x past) (out []wire.PersonID, err error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT person FROM calls_there WHERE space = ? AND call = ? ORDER BY person LIMIT ?`, x.space[:], x.call[:], maxThere)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var person []byte
		if err := rows.Scan(&person); err != nil {
			return nil, err
		}
		out = append(out, wire.PersonID(person))
	}
	return out, rows.Err()
}

// meeting is a planned one.
type meeting struct {
	place
	id         wire.EventID
	person     wire.PersonID
	title      string
	begin, end int64
	call       *wire.CallID // the latest that was begun for it
}

const plannedQuery = `SELECT m.meeting, m.space, p.workspace, p.kind, m.person, m.title, m.begin, m.end,
	(SELECT s.call FROM calls_started s WHERE s.planned = m.meeting AND s.space = m.space ORDER BY s.stamp DESC LIMIT 1)
	FROM calls_planned m JOIN calls_space p USING(space) WHERE p.active AND (p.workspace = ?1 OR ?2) AND m.end > ?3 AND (m.meeting = ?4 OR ?5) ORDER BY m.begin LIMIT 200`

// meetings lists what is planned and not over, except what was cancelled; one of them when it is named.
func (c *Calls) meetings(ctx context.Context, workspace wire.SpaceID, only wire.EventID) ([]meeting, error) {
	after := c.Clock.Now().UnixMilli()
	if !only.IsZero() {
		after = 0
	}
	rows, err := c.DB.Read().QueryContext(ctx, plannedQuery, workspace[:], workspace.IsZero(), after, only[:], only.IsZero())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []meeting
	for rows.Next() {
		var x meeting
		var id, sp, ws, person, call []byte
		if err := rows.Scan(&id, &sp, &ws, &x.kind, &person, &x.title, &x.begin, &x.end, &call); err != nil {
			return nil, err
		}
		x.id, x.space, x.workspace, x.person = wire.EventID(id), wire.SpaceID(sp), wire.SpaceID(ws), wire.PersonID(person)
		if len(call) == 32 {
			x.call = (*wire.CallID)(call)
		}
		out = append(out, x)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	kept := out[:0]
	for _, x := range out {
		gone, err := c.isCancelled(ctx, x)
		if err != nil {
			return nil, err
		}
		if !gone {
			kept = append(kept, x)
		}
	}
	return kept, nil
}

// isCancelled asks whether somebody who may has cancelled a meeting: who planned it, or who
// administers the space now.
func (c *Calls) isCancelled(ctx context.Context, x meeting) (bool, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT person FROM calls_cancelled WHERE space = ? AND meeting = ?`, x.space[:], x.id[:])
	if err != nil {
		return false, err
	}
	defer rows.Close()
	return anyRow(rows, func(person wire.PersonID) bool { return c.mayCancel(x, person) })
}

func anyRow(rows *sql.Rows, is func(wire.PersonID) bool) (yes bool, err error) {
	for rows.Next() {
		var person []byte
		if err := rows.Scan(&person); err != nil {
			return false, err
		}
		yes = yes || is(wire.PersonID(person))
	}
	return yes, rows.Err()
}

func (c *Calls) mayCancel(x meeting, person wire.PersonID) (may bool) {
	_ = c.Log.View(x.space, func(s *space.State) {
		m, ok := s.Member(person)
		may = person == x.person || ok && m.Active && m.Role >= space.Admin && s.Kind != space.Direct
	})
	return may
}
