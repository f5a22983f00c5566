package people

import (
	"context"
	"database/sql"
	"errors"

	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// WorkspaceName is the latest naming by somebody who has ever been an administrator.
func (p *People) WorkspaceName(ctx context.Context, id wire.SpaceID) string {
	var n string
	err := p.DB.Read().QueryRowContext(ctx, `SELECT n.name FROM people_naming n
		JOIN people_member m ON m.space = n.space AND m.person = n.person
		WHERE n.space = ? AND m.peak >= 3 ORDER BY n.stamp DESC, n.device DESC, n.seq DESC LIMIT 1`, id[:]).Scan(&n)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		p.Slog.Warn("read workspace name", "err", err)
	}
	return n
}

// workspaces lists those this device keeps, present and past.
func (p *People) workspaces(ctx context.Context) ([]wire.SpaceID, error) {
	rows, err := p.DB.Read().QueryContext(ctx, `SELECT w.space FROM people_workspace w
		JOIN people_member m ON m.space = w.space WHERE m.person = ? AND w.kind = ? ORDER BY m.joined, w.space`, p.Me.Person[:], int64(space.Workspace))
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	var out []wire.SpaceID
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		out = append(out, wire.SpaceID(raw))
	}
	return out, rows.Err()
}

// profile of a person, and whether it has told one.
func (p *People) profile(ctx context.Context, id wire.SpaceID, person wire.PersonID) (Profile, bool) {
	var out Profile
	err := p.DB.Read().QueryRowContext(ctx, `SELECT name, title, department, phone, email FROM people_profile
		WHERE space = ? AND person = ?`, id[:], person[:]).Scan(&out.Name, &out.Title, &out.Department, &out.Phone, &out.Email)
	return out, err == nil
}

// profiles of a whole workspace.
func (p *People) profiles(ctx context.Context, id wire.SpaceID) (map[wire.PersonID]Profile, error) {
	rows, err := p.DB.Read().QueryContext(ctx, `SELECT person, name, title, department, phone, email FROM people_profile WHERE space = ?`, id[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.PersonID]Profile{}
	for rows.Next() {
		var person []byte
		var pr Profile
		if err := rows.Scan(&person, &pr.Name, &pr.Title, &pr.Department, &pr.Phone, &pr.Email); err != nil {
			return nil, err
		}
		out[wire.PersonID(person)] = pr
	}
	return out, rows.Err()
}

// inviteLink is the link of an invite made on this device.
func (p *People) inviteLink(ctx context.Context, id wire.SpaceID, invite wire.InviteID) string {
	var link string
	_ = p.DB.Read().QueryRowContext(ctx, `SELECT link FROM peoplelocal_invite WHERE space = ? AND invite = ?`, id[:], invite[:]).Scan(&link)
	return link
}

// linksOf maps the invites of a workspace to the links that this device knows.
func (p *People) linksOf(ctx context.Context, id wire.SpaceID) map[wire.InviteID]string {
	out := map[wire.InviteID]string{}
	rows, err := p.DB.Read().QueryContext(ctx, `SELECT invite, link FROM peoplelocal_invite WHERE space = ?`, id[:])
	if err != nil {
		return out
	}
	defer rows.Close()
	for rows.Next() {
		var invite []byte
		var link string
		if rows.Scan(&invite, &link) == nil {
			out[wire.InviteID(invite)] = link
		}
	}
	return out
}
