package contracts

import "context"

// RecordAll looks for uses of seals that are in no register, as Run does every hour.
func (c *Contracts) RecordAll(ctx context.Context) error { return c.recordAll(ctx) }
