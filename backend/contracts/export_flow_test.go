package contracts

import (
	"context"
	"errors"
	"os"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/pdf"
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
func PlaceFields(from, to string, fields []flow.Field, parties []flow.Party) error {
	return placeFields(from, to, fields, parties)
}

// ForgePage gives a document with an update in which the first page shows nothing.
func ForgePage(path string) ([]byte, error) {
	p, err := openPaper(path)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	pages, err := p.Pages()
	if err != nil {
		return nil, err
	}
	u := p.Update()
	page, err := u.Dict(pages[0].Ref)
	if err != nil {
		return nil, err
	}
	page["Contents"] = u.Add(&pdf.Stream{Dict: pdf.Dict{}, Data: []byte("0 0 10 10 re f")})
	u.Set(pages[0].Ref, page)
	tail, err := u.Bytes()
	if err != nil {
		return nil, err
	}
	whole, err := os.ReadFile(path)
	return append(whole, tail...), err
}

// Half does what a signature does but its event: as if the program was killed then.
func (c *Contracts) Half(ctx context.Context, id wire.SpaceID, party uint8) error {
	x, err := c.contract(ctx, id)
	if err != nil {
		return err
	}
	w, err := c.work(ctx, x)
	if err != nil {
		return err
	}
	q := c.queued(id, party)
	p := x.Party(party)
	if q == nil {
		return errors.New("nothing is queued")
	}
	if err := w.fill(c.formValues(ctx, x, p, p.Consent, q)); err != nil {
		return err
	}
	if err := c.signFields(ctx, w, x, p, q); err != nil {
		return err
	}
	f, err := os.Open(w.path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if _, err := c.keep(ctx, f, info.Size()); err != nil {
		return err
	}
	sum, err := fileHash(w.path)
	if err != nil {
		return err
	}
	return c.shelve(id, sum, w.path) // and its folder stays
}
