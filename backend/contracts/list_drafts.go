package contracts

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/wire"
)

// draftRows lists the drafts of a workspace, of all when it is zero.
func (c *Contracts) draftRows(ctx context.Context, workspace wire.SpaceID) (out []*v1.ContractRow, err error) {
	all, err := c.drafts(ctx, workspace)
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		r := &v1.ContractRow{Id: d.Id, Title: d.Title, State: v1.ContractState_CONTRACT_STATE_DRAFT, IsSender: true, SenderName: c.Name(ctx, workspace, c.Me.Person),
			ChangedUnixMs: d.ChangedUnixMs, DeadlineUnixMs: d.DeadlineUnixMs, EndsUnixMs: d.EndsUnixMs, Tags: d.Tags}
		for _, p := range d.Parties {
			r.PartyNames = append(r.PartyNames, p.Name)
			if p.Role == v1.PartyRole_PARTY_ROLE_SIGNER || p.Role == v1.PartyRole_PARTY_ROLE_APPROVER {
				r.ToAct++
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// findText finds a query in the texts of documents.
func (c *Contracts) findText(ctx context.Context, query string) (map[wire.SpaceID]found, error) {
	if query == "" || c.texts == nil {
		return nil, nil
	}
	return c.texts(ctx, query)
}

// addEvidence says what logs of evidence have of a contract.
func (c *Contracts) addEvidence(ctx context.Context, x *contract, out *v1.Contract) (err error) {
	if c.summary != nil {
		out.Evidence, err = c.summary(ctx, x.id)
	}
	return err
}
