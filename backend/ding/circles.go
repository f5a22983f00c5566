package ding

import (
	"context"
	"errors"
	"strings"

	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// maxCircles bounds the circles that are looked at for one workspace.
const maxCircles = 1000

// In a circle nobody's workspace sets rules: what holds there is what holds where a workspace says nothing.

// shownIn begins a question for the notices of the conversations that this device shows in a workspace, and gives its arguments.
func (g *Ding) shownIn(ctx context.Context, workspace wire.SpaceID) (from string, args []any, err error) {
	args = []any{workspace[:]}
	circles, err := g.circles(ctx)
	more := ""
	for _, id := range circles {
		if shown, ok := g.ShownIn(ctx, id); ok && shown == workspace {
			args = append(args, id[:])
			more += ", ?"
		}
	}
	return `JOIN ding_space s ON s.space = n.space WHERE (s.workspace = ? OR s.space IN (` + strings.TrimPrefix(more, ", ") + `)) AND s.active AND `, args, err
}

func (g *Ding) circles(ctx context.Context) (out []wire.SpaceID, err error) {
	if g.ShownIn == nil {
		return nil, nil
	}
	rows, err := g.DB.Read().QueryContext(ctx, `SELECT space FROM ding_space WHERE kind = ? AND active LIMIT ?`, int(space.Circle), maxCircles)
	if err != nil {
		return nil, store.Classify(err)
	}
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, errors.Join(store.Classify(err), rows.Close())
		}
		out = append(out, wire.SpaceID(raw))
	}
	return out, errors.Join(store.Classify(rows.Err()), rows.Close())
}

// isExternal reports whether somebody in a circle is of no workspace of ours.
func (g *Ding) isExternal(kind space.Kind, person wire.PersonID) bool {
	return kind == space.Circle && g.External != nil && g.External(person)
}
