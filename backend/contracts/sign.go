package contracts

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"slices"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/form"
	"roundtable/backend/contracts/look"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// maxPicture bounds a picture of a signature, in bytes.
const maxPicture = 10 << 20

// sign consents for our party, and signs if the document is with it; else the signature waits with its key unlocked.
// Errors: errcode.Forbidden, errcode.AlreadySigned, errcode.ContractEnded, errcode.NotYourTurn, errcode.AccessCodeWrong, errcode.ConsentMissing,
// errcode.FieldMissing (field), errcode.FieldInvalid (field), errcode.SealForbidden, errcode.GlyphMissing, those of Keys.Unlock and of work.
// After errcode.TimeUnreachable and errcode.DocumentAbsent the consent stands, and the signature waits.
func (c *Contracts) sign(ctx context.Context, r *v1.SignContractRequest, id wire.SpaceID) error {
	return c.asParty(ctx, id, func(x *contract, p *flow.PartyState) error {
		switch {
		case p.Role != flow.Signer:
			return errcode.Forbidden
		case !x.pending(p.ID):
			return errcode.NotYourTurn
		case x.locked():
			return errcode.AccessCodeWrong
		case r.ConsentVersion == "" && p.Consent == nil:
			return errcode.ConsentMissing
		case c.Keys == nil:
			return errcode.KeyMissing
		}
		consent, files, err := c.consenting(ctx, x, p, r)
		if err != nil {
			return err
		}
		q, err := c.prepare(ctx, x, p, r, consent)
		if err != nil {
			return err
		}
		if err := c.tryFill(ctx, x, p, consent, q); err != nil {
			return err
		}
		if p.Consent == nil || !sameConsent(p.Consent, consent) {
			said, err := x.hide(consent)
			if err != nil {
				return err
			}
			if err := c.say(ctx, x, saying{kind: flow.KindConsented, body: said, then: c.keepFiles(x, files)}); err != nil {
				return err
			}
		}
		c.enqueue(id, p.ID, q)
		return c.turn(ctx, id)
	})
}

// consenting is what a party agrees to: the values of its fields, checked. Without values in the request those of a consent that stands
// are meant, and their files.
func (c *Contracts) consenting(ctx context.Context, x *contract, p *flow.PartyState, r *v1.SignContractRequest) (*flow.Consented, []named, error) {
	if p.Consent != nil && len(r.Values) == 0 && r.Signature == nil {
		return p.Consent, nil, nil
	}
	out := &flow.Consented{Party: p.ID, Base: x.Sent.Document.SHA256, Version: r.ConsentVersion, Language: r.ConsentLanguage}
	if p.Consent != nil && out.Version == "" {
		out.Version, out.Language = p.Consent.Version, p.Consent.Language
	}
	values := r.Values
	if p.Consent != nil && len(values) == 0 {
		values, out.Files = valuesOf(p.Consent), slices.Clone(p.Consent.Files)
	}
	var files []named
	for _, f := range x.Sent.Fields {
		if f.Party != p.ID {
			continue
		}
		if f.Type == flow.Attachment {
			if slices.ContainsFunc(out.Files, func(one flow.File) bool { return one.Field == f.ID }) {
				continue
			}
			file, one, err := c.attach(ctx, x, f, values[f.ID])
			if err != nil {
				return nil, nil, err
			}
			if one != nil {
				out.Files, files = append(out.Files, *one), append(files, file)
			}
			continue
		}
		value := f.Clean(values[f.ID])
		switch f.Check(value) {
		case flow.Missing:
			return nil, nil, errcode.Of(errcode.FieldMissing, "field", f.ID)
		case flow.Invalid:
			return nil, nil, errcode.Of(errcode.FieldInvalid, "field", f.ID)
		}
		if f.Type.ByValue() && value != "" && (f.Type != flow.Checkbox || value == "1") {
			out.Values = append(out.Values, flow.Value{Field: f.ID, Value: value})
		}
	}
	slices.SortFunc(out.Values, func(a, b flow.Value) int { return compareText(a.Field, b.Field) })
	slices.SortFunc(out.Files, func(a, b flow.File) int { return compareText(a.Field, b.Field) })
	return out, files, nil
}

func valuesOf(c *flow.Consented) map[string]string {
	out := map[string]string{}
	for _, v := range c.Values {
		out[v.Field] = v.Value
	}
	return out
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// attach keeps a file that is brought in for a field.
func (c *Contracts) attach(ctx context.Context, x *contract, f flow.Field, upload string) (n named, out *flow.File, err error) {
	if upload == "" {
		if f.Required {
			err = errcode.Of(errcode.FieldMissing, "field", f.ID)
		}
		return n, nil, err
	}
	u, path, err := c.uploaded(ctx, upload)
	if err != nil {
		return n, nil, err
	}
	in, err := os.Open(path)
	if err != nil {
		return n, nil, diskError(err)
	}
	defer in.Close()
	h := sha256.New()
	if n.file, err = c.keep(ctx, io.TeeReader(in, h), u.Size); err != nil {
		return n, nil, err
	}
	b, err := describe(n.file, x.Sent.Document.Salt, x.local.code)
	return n, &flow.File{Field: f.ID, Name: u.Name, Size: uint64(u.Size), SHA256: sum(h), Blob: b}, err
}

func (c *Contracts) keepFiles(x *contract, all []named) func(tx *store.Tx, e eventlog.Event) error {
	return func(tx *store.Tx, e eventlog.Event) error {
		for _, f := range all {
			if err := c.keepFile(x, f)(tx, e); err != nil {
				return err
			}
		}
		return nil
	}
}

func sameConsent(a, b *flow.Consented) bool {
	return string(wire.MustEncode(a)) == string(wire.MustEncode(b))
}

// prepare unlocks what the signature is made with, and draws it.
func (c *Contracts) prepare(ctx context.Context, x *contract, p *flow.PartyState, r *v1.SignContractRequest, consent *flow.Consented) (q *ready, err error) {
	q = &ready{base: x.Sent.Document.SHA256, seals: map[string]sealing{}, untimed: r.WithoutTrustedTime}
	if q.signature, err = c.drawn(ctx, r.Signature); err != nil {
		return nil, err
	}
	if q.initials, err = c.drawn(ctx, r.Initials); err != nil {
		return nil, err
	}
	if before := c.queued(x.id, p.ID); before != nil && q.signature == nil {
		q.signature, q.initials = before.signature, before.initials
	}
	for _, f := range x.Sent.Fields {
		if f.Party != p.ID || !f.Required {
			continue
		}
		missing := f.Type == flow.Signature && q.signature == nil || f.Type == flow.Initials && q.initials == nil ||
			f.Type == flow.Seal && r.Seals[f.ID] == "" && !x.SealedFields[f.ID] && x.asked(f.ID) == nil
		if missing {
			return nil, errcode.Of(errcode.FieldMissing, "field", f.ID)
		}
	}
	if q.signature != nil && consent != p.Consent {
		consent.Look = sha256.Sum256(q.signature.Content)
	}
	if q.identity, err = c.Keys.Unlock(ctx, r.KeyId, r.KeyPassword); err != nil {
		return nil, err
	}
	for field, id := range r.Seals {
		f := x.field(field)
		if f == nil || f.Party != p.ID || f.Type != flow.Seal || f.Seal != "" && f.Seal != id {
			return nil, errcode.SealForbidden
		}
		if x.SealedFields[field] {
			continue
		}
		password := r.KeyPassword
		if own, is := r.SealPasswords[field]; is {
			password = own
		}
		if q.seals[field], err = c.unlockSeal(ctx, x, id, password); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// drawn makes what a signature looks like; nil for none. Errors: errcode.FieldInvalid, errcode.GlyphMissing, errcode.NotFound.
func (c *Contracts) drawn(ctx context.Context, l *v1.SignatureLook) (out *pades.Look, err error) {
	if l == nil {
		return nil, nil
	}
	switch l.Kind {
	case "drawn":
		out, err = look.Drawn(l.Path, l.Width, l.Height)
	case "typed":
		out, err = look.Typed(l.Text, c.Fonts)
	case "image":
		u, path, uerr := c.uploaded(ctx, l.UploadId)
		if uerr != nil {
			return nil, uerr
		}
		if u.Size > maxPicture {
			return nil, errcode.Of(errcode.DocumentTooLarge, "max", maxPicture>>20)
		}
		data, rerr := os.ReadFile(path)
		if rerr != nil {
			return nil, diskError(rerr)
		}
		out, err = look.Picture(data)
	case "seal":
		if c.PersonalSeal == nil {
			return nil, errcode.NotFound
		}
		return c.PersonalSeal(ctx, l.SealId)
	default:
		return nil, errcode.InvalidArgument
	}
	if errors.Is(err, look.ErrLook) {
		return nil, errcode.With(errcode.FieldInvalid, err)
	}
	return out, signError(err)
}

// formValues are what a party's fields get in the document.
func (c *Contracts) formValues(ctx context.Context, x *contract, p *flow.PartyState, consent *flow.Consented, q *ready) (out []form.Value) {
	for _, v := range consent.Values {
		f := x.field(v.Field)
		switch {
		case f == nil || f.Party != p.ID || !f.Type.ByValue():
		case f.Type == flow.Checkbox:
			out = append(out, form.Value{Name: f.ID, Checked: true})
		default:
			out = append(out, form.Value{Name: f.ID, Text: v.Value})
		}
	}
	for _, v := range consent.Files {
		if f := x.field(v.Field); f != nil && f.Party == p.ID && f.Type == flow.Attachment {
			out = append(out, attachedValue(f.ID, v))
		}
	}
	for _, f := range x.Sent.Fields {
		if f.Party == p.ID && f.Type == flow.Initials && q.initials != nil {
			out = append(out, form.Value{Name: f.ID, Text: c.nameIn(ctx, x, p.Person), Look: look.Fit(q.initials, boxOf(f), true)})
		}
	}
	return out
}

func boxOf(f flow.Field) look.Box {
	return look.Box{Width: points(f.Rect[2]), Height: points(f.Rect[3])}
}

// tryFill looks whether the values can be drawn, before anybody agrees to them. What is not here yet cannot be tried.
func (c *Contracts) tryFill(ctx context.Context, x *contract, p *flow.PartyState, consent *flow.Consented, q *ready) error {
	path, err := c.versionOf(ctx, x, 0)
	if errors.Is(err, errcode.DocumentAbsent) {
		return err // nobody agrees to what they cannot have read
	}
	if err != nil {
		return err
	}
	f, err := openPaper(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = form.Fill(f.File, io.Discard, c.formValues(ctx, x, p, consent, q), c.Fonts)
	return signError(err)
}
