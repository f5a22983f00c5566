package app

import (
	"context"

	"roundtable/backend/blob"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/wire"
)

// references are those of all features that put files into events.
type references []blobs.References

// Complete implements blobs.References.
func (r references) Complete() bool {
	for _, one := range r {
		if !one.Complete() {
			return false
		}
	}
	return true
}

// Refers implements blobs.References.
func (r references) Refers(ctx context.Context, space wire.SpaceID, hashes []blob.Hash) ([]bool, error) {
	return r.any(hashes, func(one blobs.References) ([]bool, error) { return one.Refers(ctx, space, hashes) })
}

// Referenced implements blobs.References.
func (r references) Referenced(ctx context.Context, hashes []blob.Hash) ([]bool, error) {
	return r.any(hashes, func(one blobs.References) ([]bool, error) { return one.Referenced(ctx, hashes) })
}

func (r references) any(hashes []blob.Hash, ask func(blobs.References) ([]bool, error)) ([]bool, error) {
	out := make([]bool, len(hashes))
	for _, one := range r {
		has, err := ask(one)
		if err != nil {
			return nil, err
		}
		for i := range out {
			out[i] = out[i] || has[i]
		}
	}
	return out, nil
}

// Trees implements blobs.References.
func (r references) Trees(ctx context.Context) (out []blob.File, err error) {
	for _, one := range r {
		trees, err := one.Trees(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, trees...)
	}
	return out, nil
}
