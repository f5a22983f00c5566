package portrait

import (
	"context"

	"roundtable/backend/api/files"
	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// API serves PortraitService. Get gives the feature, or an error while the profile
// is not open.
type API struct{ Get func() (*Portraits, error) }

func (a API) in(workspace string) (*Portraits, wire.SpaceID, error) {
	p, err := a.Get()
	if err != nil {
		return nil, wire.SpaceID{}, err
	}
	id, err := wire.ParseSpaceID(workspace)
	if err != nil {
		return nil, id, errcode.With(errcode.InvalidArgument, err)
	}
	return p, id, nil
}

// Set gives our person a picture.
func (a API) Set(ctx context.Context, r *v1.SetPortraitRequest) (*v1.SetPortraitResponse, error) {
	p, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return &v1.SetPortraitResponse{}, p.Set(ctx, id, r.Picture)
}

// Paths tells where pictures can be read.
func (a API) Paths(ctx context.Context, r *v1.PortraitPathsRequest) (*v1.PortraitPathsResponse, error) {
	p, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	people := make([]wire.PersonID, 0, len(r.PersonIds))
	for _, text := range r.PersonIds {
		person, err := wire.ParsePersonID(text)
		if err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
		people = append(people, person)
	}
	marks, err := p.Marks(ctx, id, people)
	if err != nil {
		return nil, err
	}
	out := &v1.PortraitPathsResponse{Paths: map[string]string{}}
	for person, mark := range marks {
		out.Paths[person.String()] = files.PortraitsPrefix + id.String() + "/" + person.String() + "/" + mark
	}
	return out, nil
}

// Open finds the picture of a person for the door, and its mark.
func (a API) Open(ctx context.Context, workspace, person string) (drawn []byte, mark string, err error) {
	p, id, err := a.in(workspace)
	if err != nil {
		return nil, "", err
	}
	who, err := wire.ParsePersonID(person)
	if err != nil {
		return nil, "", errcode.With(errcode.NotFound, err)
	}
	return p.Picture(ctx, id, who)
}
