package contracts

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
)

// MakeEvidence implements ContractsService.
func (a API) MakeEvidence(ctx context.Context, r *v1.MakeEvidenceRequest) (*v1.EvidenceSummary, error) {
	c, id, err := a.contract(r.ContractId)
	if err != nil {
		return nil, err
	}
	if err := c.makeEvidence(ctx, r, id); err != nil {
		return nil, err
	}
	return c.evidenceSummary(ctx, id)
}

// ExportContracts implements ContractsService.
func (a API) ExportContracts(ctx context.Context, r *v1.ExportContractsRequest) (*v1.ExportContractsResponse, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return c.exportContracts(ctx, r)
}
