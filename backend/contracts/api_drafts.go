package contracts

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
)

// CreateDraft implements ContractsService.
func (a API) CreateDraft(ctx context.Context, r *v1.CreateDraftRequest) (*v1.ContractDraft, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return c.createDraft(ctx, r)
}

// ReadDraft implements ContractsService.
func (a API) ReadDraft(ctx context.Context, r *v1.DraftRequest) (*v1.ContractDraft, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return c.draft(ctx, r.DraftId)
}

// SaveDraft implements ContractsService.
func (a API) SaveDraft(ctx context.Context, r *v1.ContractDraft) (*v1.ContractDraft, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return c.saveDraft(ctx, r)
}

// DeleteDraft implements ContractsService.
func (a API) DeleteDraft(ctx context.Context, r *v1.DraftRequest) (*v1.DeleteDraftResponse, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	if err := c.deleteDraft(ctx, r.DraftId); err != nil {
		return nil, err
	}
	return &v1.DeleteDraftResponse{}, nil
}

// SendDraft implements ContractsService.
func (a API) SendDraft(ctx context.Context, r *v1.SendDraftRequest) (*v1.Contract, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	id, err := c.sendDraft(ctx, r.DraftId, r.AccessCode, r.KeyPassword)
	if err != nil {
		return nil, err
	}
	return a.ReadContract(ctx, &v1.ContractRequest{ContractId: id.String()})
}

// DraftFromContract implements ContractsService.
func (a API) DraftFromContract(ctx context.Context, r *v1.ContractRequest) (*v1.ContractDraft, error) {
	c, id, err := a.contract(r.ContractId)
	if err != nil {
		return nil, err
	}
	now, err := a.ReadContract(ctx, r)
	if err != nil {
		return nil, err
	}
	return c.draftAgain(ctx, id, now)
}
