package portrait

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// maxAsked bounds the people of one question.
const maxAsked = 500

// Deps is everything this feature works with.
type Deps struct {
	Log *eventlog.Log
	DB  *store.DB
	Me  wire.PersonID
}

// Portraits is the feature.
type Portraits struct{ Deps }

// New makes it.
func New(d Deps) *Portraits { return &Portraits{d} }

// Set gives our person a picture in a workspace; empty takes it away. It is drawn
// anew first, so that nothing else of the file goes along.
// Errors: errcode.PictureInvalid, errcode.PictureTooLarge (max), errcode.NotMember, errcode.NotFound.
func (p *Portraits) Set(ctx context.Context, workspace wire.SpaceID, chosen []byte) error {
	isWorkspace, in := false, false
	err := p.Log.View(workspace, func(s *space.State) {
		m, ok := s.Member(p.Me)
		isWorkspace, in = s.Kind == space.Workspace, ok && m.Active
	})
	switch {
	case errors.Is(err, eventlog.ErrUnknownSpace) || err == nil && !isWorkspace:
		return errcode.NotFound
	case err != nil:
		return err
	case !in:
		return errcode.NotMember
	}
	if len(chosen) > 0 {
		if chosen, err = limits.JPEG(chosen); err != nil {
			return err
		}
	}
	_, err = p.Log.Append(ctx, workspace, eventlog.Draft{Kind: Set, Body: set{Picture: chosen}})
	return err
}

// Marks names the pictures of people in a workspace; who has none is not there.
// Errors: errcode.InvalidArgument (more than 500 people).
func (p *Portraits) Marks(ctx context.Context, workspace wire.SpaceID, people []wire.PersonID) (map[wire.PersonID]string, error) {
	out := map[wire.PersonID]string{}
	if len(people) > maxAsked {
		return nil, errcode.InvalidArgument
	}
	if len(people) == 0 {
		return out, nil
	}
	args := []any{workspace[:]}
	for _, person := range people {
		args = append(args, person[:])
	}
	rows, err := p.DB.Read().QueryContext(ctx, `SELECT person, mark FROM portrait_set WHERE space = ? AND mark <> '' AND person IN (?`+
		strings.Repeat(`, ?`, len(people)-1)+`)`, args...)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		var mark string
		if err := rows.Scan(&raw, &mark); err != nil {
			return nil, store.Classify(err)
		}
		if len(raw) == len(wire.PersonID{}) {
			out[wire.PersonID(raw)] = mark
		}
	}
	return out, store.Classify(rows.Err())
}

// Picture is what a person set, drawn anew from what came: a page never gets bytes
// that a colleague chose. mark names it. Errors: errcode.NotFound.
func (p *Portraits) Picture(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) (drawn []byte, mark string, err error) {
	var raw []byte
	err = p.DB.Read().QueryRowContext(ctx, `SELECT picture, mark FROM portrait_set WHERE space = ? AND person = ? AND mark <> ''`, workspace[:], person[:]).Scan(&raw, &mark)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", errcode.NotFound
	}
	if err != nil {
		return nil, "", store.Classify(err)
	}
	if drawn, err = limits.JPEG(raw); err != nil {
		return nil, "", errcode.With(errcode.NotFound, err)
	}
	return drawn, mark, nil
}
