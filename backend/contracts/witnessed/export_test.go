package witnessed

import (
	"context"

	"roundtable/backend/contracts/evidence/bundle"
)

// Round does what Run does once.
func (w *Witnessed) Round(ctx context.Context) error {
	for _, step := range []func(context.Context) error{w.post, w.answer, w.accuse} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Fit leaves out what a bundle has no room for.
func Fit(logs []bundle.Log) []bundle.Log { return fit(logs) }
