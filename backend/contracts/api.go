package contracts

import (
	"context"
	"errors"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// API serves ContractsService. Get gives the feature, or an error while the profile is not open.
type API struct {
	Get func() (*Contracts, error)
}

// contract gives the feature and the space of a contract that a call names.
func (a API) contract(text string) (c *Contracts, id wire.SpaceID, err error) {
	if c, err = a.Get(); err != nil {
		return c, id, err
	}
	if id, err = wire.ParseSpaceID(text); err != nil {
		return c, id, errcode.With(errcode.InvalidArgument, err)
	}
	return c, id, nil
}

// after does something to a contract and gives what became of it.
func (a API) after(ctx context.Context, text string, do func(*Contracts, wire.SpaceID) error) (*v1.Contract, error) {
	c, id, err := a.contract(text)
	if err != nil {
		return nil, err
	}
	if err := do(c, id); err != nil {
		return nil, err
	}
	x, err := c.contract(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.out(ctx, x)
}

// ListContracts implements ContractsService.
func (a API) ListContracts(ctx context.Context, r *v1.ContractsRequest) (*v1.ContractsResponse, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	var workspace wire.SpaceID
	if r.WorkspaceId != "" {
		if workspace, err = wire.ParseSpaceID(r.WorkspaceId); err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
	}
	if len(r.Query) > 400 {
		return nil, errcode.With(errcode.InvalidArgument, errors.New("a long query"))
	}
	return c.list(ctx, workspace, r.Box, r.Query, r.Tag)
}

// ReadContract implements ContractsService.
func (a API) ReadContract(ctx context.Context, r *v1.ContractRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(*Contracts, wire.SpaceID) error { return nil })
}
