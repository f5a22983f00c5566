package directory

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

func (a API) SaveDepartment(ctx context.Context, r *v1.SaveDepartmentRequest) (*v1.Department, error) {
	d, id, _, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	in, err := idIn(r.Id)
	if err != nil {
		return nil, err
	}
	var parent *chart.ID
	if r.ParentId != nil {
		p, err := idIn(*r.ParentId)
		if err != nil {
			return nil, err
		}
		parent = &p
	}
	var position *int
	if r.Position != nil {
		n := int(*r.Position)
		position = &n
	}
	if in, err = d.saveDepartment(ctx, id, in, r.Name, parent, position); err != nil {
		return nil, err
	}
	v, err := d.view(ctx, id)
	if err != nil {
		return nil, err
	}
	if u := v.units[in]; u != nil {
		return d.unitOut(ctx, id, v, u), nil
	}
	return nil, errcode.NotFound
}

func (a API) RemoveDepartment(ctx context.Context, r *v1.RemoveDepartmentRequest) (*v1.RemoveDepartmentResponse, error) {
	d, id, v, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	in, err := chart.ParseID(r.Id)
	if err != nil {
		return nil, err
	}
	if u := v.units[in]; u == nil || u.own {
		return nil, errcode.NotFound
	}
	gone := true
	c := edit()
	c.Departments = []chart.Department{{ID: in, Gone: &gone}}
	return &v1.RemoveDepartmentResponse{}, d.write(ctx, id, v, c)
}

func (a API) SaveRecord(ctx context.Context, r *v1.SaveRecordRequest) (*v1.Card, error) {
	d, id, _, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	k, err := d.saveRecord(ctx, id, r)
	if err != nil {
		return nil, err
	}
	return d.cardNow(ctx, id, k)
}

func (d *Directory) cardNow(ctx context.Context, id wire.SpaceID, k string) (*v1.Card, error) {
	v, err := d.view(ctx, id)
	if err != nil {
		return nil, err
	}
	return d.card(ctx, id, v, k)
}

func (a API) BindRecord(ctx context.Context, r *v1.BindRecordRequest) (*v1.Card, error) {
	d, id, _, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	record, err := chart.ParseID(r.Id)
	if err != nil {
		return nil, err
	}
	if err := d.bindRecord(ctx, id, record, r.PersonId); err != nil {
		return nil, err
	}
	return d.cardNow(ctx, id, recordKey(record))
}

func (a API) SetAway(ctx context.Context, r *v1.SetAwayRequest) (*v1.SetAwayResponse, error) {
	d, id, _, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	var away Away
	if in := r.Away; in != nil && in.Kind != "" {
		away = Away{From: in.FromDay, To: in.ToDay, Note: in.Note}
		for kind, text := range awayKinds {
			if text == in.Kind {
				away.Kind = kind
			}
		}
		if away.Kind == Here {
			return nil, errcode.InvalidArgument
		}
	}
	return &v1.SetAwayResponse{}, d.SetAway(ctx, id, away)
}

func (a API) SetDelegate(ctx context.Context, r *v1.SetDelegateRequest) (*v1.SetDelegateResponse, error) {
	d, id, _, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	in, err := chart.ParseID(r.DepartmentId)
	if err != nil {
		return nil, err
	}
	person, err := wire.ParsePersonID(r.PersonId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	return &v1.SetDelegateResponse{}, d.setDelegate(ctx, id, in, person, r.On)
}
