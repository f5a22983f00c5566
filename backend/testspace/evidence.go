package testspace

import (
	"context"

	"roundtable/backend/contracts/witnessed"
)

// openEvidence builds what keeps evidence of contracts. It comes before them.
func (d *Desk) openEvidence(ctx context.Context) {
	var err error
	d.Witnessed, err = witnessed.Open(ctx, witnessed.Deps{Log: d.Log, DB: d.DB, Clock: d.Clock, Slog: d.journal.logger(), Opener: d.Seal, Tables: d.witnesses})
	d.o.must(err, "open evidence of "+d.Name)
}
