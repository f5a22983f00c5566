package witnessed

import "context"

// Round does what Run does once.
func (w *Witnessed) Round(ctx context.Context) error {
	for _, step := range []func(context.Context) error{w.post, w.answer, w.accuse} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
