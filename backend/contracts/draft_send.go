package contracts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/form"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// minAccessCode is the least characters of an access code.
const minAccessCode = 6

// sendDraft places the fields, draws a straddle seal if there is one, and sends what came out.
// Errors: errcode.DraftIncomplete (problem), errcode.AccessCodeShort (min), errcode.InvalidArgument, errcode.SealForbidden, those of Keys.Unlock, of openPaper and of send.
func (c *Contracts) sendDraft(ctx context.Context, id, accessCode, password string) (wire.SpaceID, error) {
	if !c.documents.begin(id) {
		return wire.SpaceID{}, errcode.NotReady // it is being sent
	}
	defer c.documents.end(id)
	d, err := c.draft(ctx, id)
	if err != nil {
		return wire.SpaceID{}, err
	}
	if len(d.Problems) > 0 {
		return wire.SpaceID{}, errcode.Of(errcode.DraftIncomplete, "problem", d.Problems[0])
	}
	if code := strings.TrimSpace(accessCode); code != "" && utf8.RuneCountInString(code) < minAccessCode {
		return wire.SpaceID{}, errcode.Of(errcode.AccessCodeShort, "min", minAccessCode)
	}
	folder, err := os.MkdirTemp(c.Folder, "sending-")
	if err != nil {
		return wire.SpaceID{}, diskError(err)
	}
	defer os.RemoveAll(folder)
	s, err := c.sending(ctx, d)
	if err != nil {
		return wire.SpaceID{}, err
	}
	s.AccessCode = accessCode
	// In one write: a draft that stayed behind would be sent twice.
	s.with = func(tx *store.Tx, contract wire.SpaceID) error {
		if _, err := tx.Exec(`DELETE FROM contractslocal_draft WHERE id = ?`, d.Id); err != nil || d.StraddleSealId == "" {
			return err
		}
		return keepStraddle(tx, contract, s.Workspace, d.StraddleSealId)
	}
	s.Path = filepath.Join(folder, "placed.pdf")
	if err := placeFields(c.draftPath(d.Id), s.Path, s.Fields, s.Parties); err != nil {
		return wire.SpaceID{}, err
	}
	var used *Use
	if d.StraddleSealId != "" {
		if used, err = c.straddle(ctx, &s, d.StraddleSealId, password, folder); err != nil {
			return wire.SpaceID{}, err
		}
	}
	contract, err := c.send(ctx, s)
	if err != nil {
		return contract, err
	}
	if used != nil {
		used.Contract = contract
		if err := c.Office.SealUsed(ctx, s.Workspace, *used); err != nil {
			c.Slog.ErrorContext(ctx, "use of a seal not noted", "err", err)
		}
	}
	c.Publish("contracts")
	if err := remove(c.draftPath(id)); err != nil {
		c.Slog.ErrorContext(ctx, "document of a draft not deleted", "err", err)
	}
	return contract, nil
}

// begin takes a draft for sending and reports whether nobody else has it.
func (d *documents) begin(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sending[id] {
		return false
	}
	d.sending[id] = true
	return true
}

func (d *documents) end(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sending, id)
}

// sending is a draft in the terms of what is sent: parties numbered in their order, steps without gaps, and names of
// fields that the document does not have yet.
func (c *Contracts) sending(ctx context.Context, d *v1.ContractDraft) (s Sending, err error) {
	s = Sending{
		Title: d.Title, Message: d.Message, Name: d.DocumentName, Pages: int(d.Pages), Deadline: d.DeadlineUnixMs, Ends: d.EndsUnixMs,
		RemindDays: int(d.RemindDays), Tags: d.Tags,
	}
	if s.Workspace, err = wire.ParseSpaceID(d.WorkspaceId); err != nil {
		return s, errcode.With(errcode.InvalidArgument, err)
	}
	var steps []int32
	for _, p := range d.Parties {
		if acts(p.Role) {
			steps = append(steps, p.Step)
		}
	}
	slices.Sort(steps)
	steps = slices.Compact(steps)
	numbers := map[int32]uint8{}
	for i, p := range d.Parties {
		one := flow.Party{ID: uint8(i + 1), Role: flow.Role(p.Role), Step: 1, Name: p.Name, Label: p.Label, Organization: p.Organization}
		if p.Role == v1.PartyRole_PARTY_ROLE_UNSPECIFIED {
			one.Role = flow.Signer
		}
		if acts(p.Role) {
			one.Step = uint8(slices.Index(steps, p.Step) + 1)
		}
		if p.PersonId != "" {
			if one.Person, err = wire.ParsePersonID(p.PersonId); err != nil {
				return s, errcode.With(errcode.InvalidArgument, err)
			}
			if name := c.Name(ctx, s.Workspace, one.Person); name != "" {
				one.Name = name
			}
		}
		numbers[p.Id] = one.ID
		s.Parties = append(s.Parties, one)
	}
	taken, err := c.fieldNames(d.Id)
	if err != nil {
		return s, err
	}
	for _, f := range d.Fields {
		s.Fields = append(s.Fields, fieldOf(f, numbers[f.Party], taken))
	}
	return s, nil
}

func acts(r v1.PartyRole) bool {
	return r == v1.PartyRole_PARTY_ROLE_UNSPECIFIED || r == v1.PartyRole_PARTY_ROLE_SIGNER || r == v1.PartyRole_PARTY_ROLE_APPROVER
}

func (c *Contracts) fieldNames(draft string) (map[string]bool, error) {
	p, err := openPaper(c.draftPath(draft))
	if err != nil {
		return nil, err
	}
	defer p.Close()
	names, err := form.Names(p.File)
	return names, pdfError(err)
}

// fieldOf gives a field a name that is free.
func fieldOf(f *v1.ContractField, party uint8, taken map[string]bool) flow.Field {
	id := f.Id
	for n := 2; taken[id]; n++ {
		id = fmt.Sprintf("%s-%d", f.Id, n)
	}
	taken[id] = true
	milli := func(n float64) int32 { return int32(math.Round(n * 1000)) }
	out := flow.Field{
		ID: id, Type: flow.FieldType(f.Type), Party: party, Page: uint32(f.Page), Label: f.Label, Required: f.Required,
		Rect: [4]int32{milli(f.X), milli(f.Y), milli(f.Width), milli(f.Height)}, Min: f.Min, Max: f.Max, Format: f.Format, Seal: f.SealId,
	}
	if out.Type == flow.Choice {
		out.Choices = f.Choices
	}
	if out.Type == flow.Text {
		out.MaxLength = uint32(f.MaxLength)
	}
	return out
}

// placeFields writes a document with empty fields, and puts it on disk. A party that may have to sign without being seen gets a field for that:
// readers allow to sign fields after a first signature, and need not allow new ones.
func placeFields(from, to string, fields []flow.Field, parties []flow.Party) error {
	p, err := openPaper(from)
	if err != nil {
		return err
	}
	defer p.Close()
	all, err := hiddenFields(p.File, fields, parties)
	if err != nil {
		return pdfError(err)
	}
	for _, f := range fields {
		all = append(all, form.Field{
			Name: f.ID, Kind: kindOf(f.Type), Tooltip: f.Label, MaxLength: int(f.MaxLength), Choices: f.Choices,
			Place: pades.Place{
				Page: int(f.Page), X: float64(f.Rect[0]) / 1000, Y: float64(f.Rect[1]) / 1000, Width: float64(f.Rect[2]) / 1000, Height: float64(f.Rect[3]) / 1000,
			},
		})
	}
	return produce(to, func(w io.Writer) error { _, err := form.Place(p.File, w, all); return err })
}

// kindOf is what a field is in the form of the document.
func kindOf(t flow.FieldType) form.Kind {
	switch t {
	case flow.Signature, flow.Seal:
		return form.Signature
	case flow.Initials:
		return form.Initials
	case flow.Checkbox:
		return form.Checkbox
	case flow.Choice:
		return form.Choice
	default: // Attachment shows the name of the file
		return form.Text
	}
}

// produce writes a file that is on disk when it returns.
func produce(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return diskError(err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	return diskError(pdfError(errors.Join(err, f.Close())))
}

// straddle draws a seal over the edges of all pages, and signs that with the seal's key: an impression is one only with the right to
// make it (docs/decisions/0048). What is signed allows to fill and sign the rest.
func (c *Contracts) straddle(ctx context.Context, s *Sending, sealID, password, folder string) (*Use, error) {
	if c.Office == nil || c.Keys == nil {
		return nil, errcode.SealForbidden
	}
	seal, err := c.Office.SealFor(ctx, s.Workspace, sealID)
	if err != nil {
		return nil, err
	}
	identity, err := c.Keys.Unlock(ctx, seal.KeyID, password)
	if err != nil {
		return nil, err
	}
	right, is := cms.SealOf(identity.Chain[0])
	if !is {
		return nil, errcode.SealForbidden
	}
	if c.Standing != nil {
		if err := c.Standing(ctx, s.Workspace, identity.Chain[0]); err != nil {
			return nil, err
		}
	}
	drawn := filepath.Join(folder, "straddled.pdf")
	if err := drawStraddle(s.Path, drawn, *seal.Look); err != nil {
		return nil, err
	}
	p, err := openPaper(drawn)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	names, err := form.Names(p.File)
	if err != nil {
		return nil, pdfError(err)
	}
	request := pades.Request{
		Field: fieldOf(&v1.ContractField{Id: "straddle"}, 0, names).ID, Look: seal.Look, Seal: &pades.SealClaim{ID: right.ID, Name: seal.Name},
		Name: seal.Name, At: c.Clock.Now(), Certify: pades.FillForms, Authority: c.authority(),
	}
	to := filepath.Join(folder, "sealed.pdf")
	sign := func(w io.Writer) error { _, err := pades.Sign(ctx, p.File, w, identity, request); return err }
	err = produce(to, sign)
	if errors.Is(err, pades.ErrUnreachable) {
		// Nobody waits for the time of this one: those who sign have their own.
		request.Authority = nil
		err = errors.Join(remove(to), produce(to, sign))
	}
	if err != nil {
		return nil, signError(err)
	}
	s.Path = to
	sum, err := fileHash(to)
	return &Use{Seal: seal.ID, Title: s.Title, Document: sum}, err
}

// drawStraddle draws a seal in the middle of the right edges, as high as the lowest page allows.
func drawStraddle(from, to string, look pades.Look) error {
	p, err := openPaper(from)
	if err != nil {
		return err
	}
	defer p.Close()
	pages, err := p.Pages()
	if err != nil {
		return pdfError(err)
	}
	height := math.Inf(1)
	for _, page := range pages {
		height = min(height, shownHeight(page))
	}
	return produce(to, func(w io.Writer) error {
		_, err := pades.Straddle(p.File, w, look, max(0, (height-look.Height)/2))
		if errors.Is(err, pades.ErrPlace) {
			err = errcode.With(errcode.InvalidArgument, err)
		}
		return err
	})
}

func shownHeight(p pdf.Page) float64 {
	if p.Rotate%180 != 0 {
		return p.Box[2] - p.Box[0]
	}
	return p.Box[3] - p.Box[1]
}
