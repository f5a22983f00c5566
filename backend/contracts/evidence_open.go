package contracts

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"os"
	"path/filepath"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/witnessed"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed evidence.sql
var evidenceSchema string

// openEvidence takes up what is there of evidence: package witnessed has the entries, the tables here the certificates.
func (c *Contracts) openEvidence(ctx context.Context) error {
	if err := c.DB.Migrate(ctx, "contractsevidence", evidenceSchema); err != nil {
		return err
	}
	if w := c.entries(); w != nil {
		w.Over(c.longOver)
	}
	c.summary = c.evidenceSummary
	c.documents.evidence = c.latestEvidence
	c.documents.proven = provenBy
	return nil
}

// recordEvery is how often uses of seals are looked for that are not in their registers.
const recordEvery = time.Hour

// runEvidence completes the registers of seals until ctx ends; package witnessed runs by itself.
func (c *Contracts) runEvidence(ctx context.Context) {
	for c.Office != nil {
		if err := c.recordAll(ctx); err != nil && ctx.Err() == nil {
			c.Slog.WarnContext(ctx, "a use of a seal is not in its register", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-c.Clock.After(recordEvery):
		}
	}
}

// afterwards is how long after the end of a contract this device witnesses what others write down in it. Who was away meanwhile is heard.
const afterwards = 180 * 24 * time.Hour

// longOver reports whether a contract was completed so long ago that nothing more of it is to be witnessed.
func (c *Contracts) longOver(ctx context.Context, id wire.SpaceID) bool {
	var completed int64
	err := c.DB.Read().QueryRowContext(ctx, `SELECT completed FROM contracts_row WHERE space = ?`, id[:]).Scan(&completed)
	return err == nil && completed > 0 && c.Clock.Now().Sub(time.UnixMilli(completed)) > afterwards
}

// entries are the logs of evidence; nil when none are kept.
func (c *Contracts) entries() *witnessed.Witnessed {
	w, _ := c.Evidence.(*witnessed.Witnessed)
	return w
}

// made is a certificate of evidence.
type made struct {
	number, name string
	at           int64
}

// madePath is beside the versions of the document: it goes with them.
func (c *Contracts) madePath(id wire.SpaceID, number string) string {
	return filepath.Join(c.versionFolder(id), "evidence-"+number+".pdf")
}

// madeOf gives the latest certificate of a contract; the zero value for none.
func (c *Contracts) madeOf(ctx context.Context, id wire.SpaceID) (m made, err error) {
	err = c.DB.Read().QueryRowContext(ctx, `SELECT number, name, made FROM contractsevidence_made WHERE space = ? ORDER BY made DESC, number LIMIT 1`, id[:]).
		Scan(&m.number, &m.name, &m.at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return m, store.Classify(err)
	}
	return m, nil
}

// latestEvidence finds the certificate of a contract. Errors: errcode.NotFound.
func (c *Contracts) latestEvidence(ctx context.Context, id wire.SpaceID) (name, path string, err error) {
	m, err := c.madeOf(ctx, id)
	if err != nil {
		return "", "", err
	}
	if m.number == "" {
		return "", "", errcode.NotFound
	}
	return m.name, c.madePath(id, m.number), nil
}

// evidenceSummary says what is proven of a contract here.
func (c *Contracts) evidenceSummary(ctx context.Context, id wire.SpaceID) (*v1.EvidenceSummary, error) {
	m, err := c.madeOf(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &v1.EvidenceSummary{CertificateNumber: m.number, MadeUnixMs: m.at}
	w := c.entries()
	if w == nil {
		return out, nil
	}
	s, err := w.Summary(ctx, id)
	if err != nil {
		return nil, err
	}
	x, err := c.contract(ctx, id)
	if err != nil {
		return nil, err
	}
	name := c.namesOf(ctx, x)
	out.Entries, out.Witnessed = int32(s.Entries), int32(s.Witnessed)
	for _, p := range s.Witnesses {
		out.Witnesses = append(out.Witnesses, name(p))
	}
	for _, p := range s.Forked {
		out.Forked = append(out.Forked, name(p))
	}
	return out, nil
}

// namesOf gives what people of a contract are called, as everywhere; their ID where nobody says.
func (c *Contracts) namesOf(ctx context.Context, x *contract) func(wire.PersonID) string {
	return func(p wire.PersonID) string {
		// A name that others gave must not make what is written of it unreadable.
		if n := clip(oneLine(c.nameIn(ctx, x, p)), 200); n != "" {
			return n
		}
		return p.String()
	}
}

// provenBy says what the evidence attached to a file proves; nil when there is none.
func provenBy(_ context.Context, path string) (*v1.EvidenceVerdict, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, diskError(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	v, _, present, err := bundle.Judge(f, info.Size())
	if err != nil {
		return nil, pdfError(err)
	}
	if !present {
		return nil, nil
	}
	return verdictOut(&v), nil
}

// maxClaimed bounds what is shown of entries that only their own log says.
const maxClaimed = 100

func verdictOut(v *bundle.Verdict) *v1.EvidenceVerdict {
	out := &v1.EvidenceVerdict{
		Present: true, Good: v.Good, Why: string(v.Why), Number: v.Number, Entries: int32(len(v.Entries)), Witnesses: int32(len(v.Believe)),
		EvidenceTimeUnixMs: milli(v.At), People: int32(v.People),
	}
	for _, one := range v.Left {
		out.LeftOut = append(out.LeftOut, &v1.LeftOutLog{Person: one.Person, Device: one.Device, Why: string(one.Why)})
	}
	for _, e := range v.Entries {
		if e.Claimed && len(out.Claimed) < maxClaimed {
			out.Claimed = append(out.Claimed, &v1.ClaimedEntry{Kind: e.Kind, Person: e.By.Person, Device: e.By.Device, UnixMs: milli(e.At), Note: e.Note})
		}
	}
	return out
}
