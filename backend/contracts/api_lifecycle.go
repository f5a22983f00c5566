package contracts

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// OpenContract implements ContractsService.
func (a API) OpenContract(ctx context.Context, r *v1.OpenContractRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error { return c.open(ctx, id, r.AccessCode) })
}

// SignContract implements ContractsService.
func (a API) SignContract(ctx context.Context, r *v1.SignContractRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error { return c.sign(ctx, r, id) })
}

// ApproveContract implements ContractsService.
func (a API) ApproveContract(ctx context.Context, r *v1.ContractRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error { return c.approve(ctx, id) })
}

// DeclineContract implements ContractsService.
func (a API) DeclineContract(ctx context.Context, r *v1.ReasonRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error { return c.decline(ctx, id, r.Reason) })
}

// WithdrawConsent implements ContractsService.
func (a API) WithdrawConsent(ctx context.Context, r *v1.ContractRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error { return c.withdraw(ctx, id) })
}

// ReassignParty implements ContractsService.
func (a API) ReassignParty(ctx context.Context, r *v1.ReassignPartyRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error {
		to, err := wire.ParsePersonID(r.PersonId)
		if err != nil {
			return errcode.With(errcode.InvalidArgument, err)
		}
		return c.reassign(ctx, id, r.Party, to, r.Reason)
	})
}

// VoidContract implements ContractsService.
func (a API) VoidContract(ctx context.Context, r *v1.ReasonRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error { return c.void(ctx, id, r.Reason) })
}

// RemindParty implements ContractsService.
func (a API) RemindParty(ctx context.Context, r *v1.PartyRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error { return c.remind(ctx, id, r.Party) })
}

// SetContractDeadline implements ContractsService.
func (a API) SetContractDeadline(ctx context.Context, r *v1.SetContractDeadlineRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error { return c.setDeadline(ctx, id, r.DeadlineUnixMs) })
}

// AskSeal implements ContractsService.
func (a API) AskSeal(ctx context.Context, r *v1.AskSealRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error { return c.askSeal(ctx, id, r.FieldId, r.SealId, r.Reason) })
}

// ApproveSeal implements ContractsService.
func (a API) ApproveSeal(ctx context.Context, r *v1.ApproveSealRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error {
		request, err := wire.ParseEventID(r.RequestId)
		if err != nil {
			return errcode.With(errcode.InvalidArgument, err)
		}
		return c.approveSeal(ctx, id, request, r.KeyPassword, r.WithoutTrustedTime)
	})
}

// RefuseSeal implements ContractsService.
func (a API) RefuseSeal(ctx context.Context, r *v1.ReasonRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error {
		request, err := wire.ParseEventID(r.RequestId)
		if err != nil {
			return errcode.With(errcode.InvalidArgument, err)
		}
		return c.refuseSeal(ctx, id, request, r.Reason)
	})
}

// SetContractArchive implements ContractsService.
func (a API) SetContractArchive(ctx context.Context, r *v1.SetContractArchiveRequest) (*v1.Contract, error) {
	return a.after(ctx, r.ContractId, func(c *Contracts, id wire.SpaceID) error {
		return c.setArchive(ctx, id, local{archived: r.Archived, retain: r.RetainUntilUnixMs, ends: r.EndsUnixMs, tags: r.Tags})
	})
}

// DeleteContract implements ContractsService.
func (a API) DeleteContract(ctx context.Context, r *v1.ContractRequest) (*v1.DeleteContractResponse, error) {
	c, id, err := a.contract(r.ContractId)
	if err != nil {
		return nil, err
	}
	return &v1.DeleteContractResponse{}, c.delete(ctx, id)
}
