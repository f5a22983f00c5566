package directory

import (
	"context"
	"slices"

	"roundtable/backend/directory/chart"
	"roundtable/backend/wire"
)

// Lead reports whether a person leads a department of a workspace, as its directory says now.
func (d *Directory) Lead(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) bool {
	v, err := d.view(ctx, workspace)
	if err != nil {
		return false
	}
	i, ok := v.persons[person]
	return ok && v.rows[i].record != nil && slices.ContainsFunc(v.rows[i].record.Posts.Posts, func(p chart.Post) bool { return p.Lead })
}
