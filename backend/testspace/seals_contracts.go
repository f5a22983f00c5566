package testspace

import (
	"context"

	"roundtable/backend/contracts"
	"roundtable/backend/contracts/office"
	"roundtable/backend/wire"
)

// sealing is the office as contracts use it, as the app wires it.
type sealing struct{ *office.Office }

// SealFor implements contracts.Office.
func (s sealing) SealFor(ctx context.Context, workspace wire.SpaceID, id string) (contracts.Usable, error) {
	u, err := s.Office.SealFor(ctx, workspace, id)
	return contracts.Usable{ID: u.ID, Name: u.Name, KeyID: u.KeyID, Outlines: u.Outlines, Look: &u.Look}, err
}

// SealHolders implements contracts.Office.
func (s sealing) SealHolders(ctx context.Context, workspace wire.SpaceID, id string) (string, []wire.PersonID, error) {
	return s.Holders(ctx, workspace, id)
}

// SealUsed implements contracts.Office.
func (s sealing) SealUsed(ctx context.Context, workspace wire.SpaceID, u contracts.Use) error {
	return s.RecordUse(ctx, workspace, office.Impression(u))
}

// Lists implements contracts.Office.
func (s sealing) Lists(ctx context.Context, workspace wire.SpaceID) ([][]byte, error) {
	t, err := s.Trust(ctx, workspace)
	return t.CRLs, err
}
