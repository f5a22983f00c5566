package contracts

import (
	"context"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/wire"
)

// Send is send.
func (c *Contracts) Send(ctx context.Context, s Sending) (wire.SpaceID, error) { return c.send(ctx, s) }

// Version is version.
func (c *Contracts) Version(ctx context.Context, id wire.SpaceID, n int) (string, error) {
	return c.version(ctx, id, n)
}

// State is what became of a contract.
func (c *Contracts) State(ctx context.Context, id wire.SpaceID) (*flow.State, error) {
	x, err := c.contract(ctx, id)
	if err != nil {
		return nil, err
	}
	return x.State, nil
}

// PlaceFields is placeFields.
func PlaceFields(from, to string, fields []flow.Field) error { return placeFields(from, to, fields) }
