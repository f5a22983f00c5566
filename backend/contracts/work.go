package contracts

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"roundtable/backend/clock"
	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/form"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
)

// work is a document that is being signed: a file in a folder of its own that grows step by step. Nothing of it counts before
// finish, so a crash leaves a folder that the next start removes.
type work struct {
	c      *Contracts
	x      *contract
	folder string
	path   string // of the last step
	steps  int
	first  bool // nobody signed yet
	level  string
	stamp  int64
	signer *x509.Certificate
}

// work begins with the latest version, if everything in it is good. Errors: those of proven and version.
func (c *Contracts) work(ctx context.Context, x *contract) (*work, error) {
	if err := c.proven(ctx, x); err != nil {
		return nil, err
	}
	path, err := c.versionOf(ctx, x, len(x.Versions)-1)
	if err != nil {
		return nil, err
	}
	w := &work{c: c, x: x, path: path}
	if err := w.look(); err != nil {
		return nil, err
	}
	if w.folder, err = os.MkdirTemp(c.Folder, "signing-"); err != nil {
		return nil, diskError(err)
	}
	return w, nil
}

func (w *work) close() { _ = os.RemoveAll(w.folder) }

// look finds out whether somebody signed the document before.
func (w *work) look() error {
	f, err := os.Open(w.path)
	if err != nil {
		return diskError(err)
	}
	defer f.Close()
	signed, err := verify.Signed(f, int64(w.x.Latest().Size))
	if err != nil {
		return pdfError(err)
	}
	w.first = len(signed) == 0
	return nil
}

// step makes the next state of the document from the last one.
func (w *work) step(do func(f *pdf.File, out io.Writer) error) error {
	p, err := openPaper(w.path)
	if err != nil {
		return err
	}
	defer p.Close()
	w.steps++
	to := filepath.Join(w.folder, fmt.Sprintf("%d.pdf", w.steps))
	if err := produce(to, func(out io.Writer) error { return do(p.File, out) }); err != nil {
		return signError(err)
	}
	w.path = to
	return nil
}

// signError gives errors of signing and filling their codes.
func signError(err error) error {
	if missing := (*glyph.Missing)(nil); errors.As(err, &missing) {
		return &errcode.Error{Code: errcode.GlyphMissing, Params: map[string]string{"character": string(missing.Character)}, Cause: err}
	}
	for _, one := range []struct {
		cause error
		code  errcode.Code
	}{
		{pades.ErrSeal, errcode.SealForbidden}, {pades.ErrUnreachable, errcode.TimeUnreachable}, {pades.ErrRefused, errcode.TimeRefused},
		{pades.ErrForeign, errcode.TimeForeign}, {pades.ErrKey, errcode.CertificateUnfit}, {pades.ErrCertified, errcode.DocumentChanged},
		{pades.ErrFieldTaken, errcode.DocumentChanged}, {form.ErrFilled, errcode.DocumentChanged}, {form.ErrAbsent, errcode.DocumentChanged},
		{form.ErrValue, errcode.FieldInvalid}, {form.ErrLong, errcode.FieldInvalid},
	} {
		if errors.Is(err, one.cause) {
			return errcode.With(one.code, err)
		}
	}
	return err
}

// fill puts values into the fields of a party.
func (w *work) fill(values []form.Value) error {
	if len(values) == 0 {
		return nil
	}
	return w.step(func(f *pdf.File, out io.Writer) error {
		_, err := form.Fill(f, out, values, w.c.Fonts)
		return err
	})
}

// own are the fields of a party that hold values, as far as the document has them: its signature closes them.
func (w *work) own(party uint8) (out []string, err error) {
	p, err := openPaper(w.path)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	there, err := form.Names(p.File)
	if err != nil {
		return nil, err
	}
	for _, f := range w.x.Sent.Fields {
		if f.Party == party && f.Type != flow.Signature && f.Type != flow.Seal && there[f.ID] {
			out = append(out, f.ID)
		}
	}
	return out, nil
}

// seal applies a seal in a field.
func (w *work) seal(ctx context.Context, field string, s sealing, untimed bool) error {
	if len(s.identity.Chain) == 0 {
		return errcode.SealForbidden
	}
	right, is := cms.SealOf(s.identity.Chain[0])
	if !is {
		return errcode.SealForbidden
	}
	return w.sign(ctx, s.identity, pades.Request{Field: field, Look: s.usable.Look, Name: s.usable.Name, Seal: &pades.SealClaim{ID: right.ID, Name: s.usable.Name}}, untimed)
}

// sign makes one signature. The first one in a document allows to fill and sign the rest, and nothing else. untimed: without trusted time
// where no authority can be reached.
func (w *work) sign(ctx context.Context, id pades.Identity, r pades.Request, untimed bool) error {
	if len(id.Chain) == 0 {
		return errcode.CertificateUnfit
	}
	if w.c.Standing != nil {
		if err := w.c.Standing(ctx, w.x.workspace, id.Chain[0]); err != nil {
			return err
		}
	}
	r.At, r.Authority = w.c.Clock.Now(), w.c.authority()
	if w.first {
		r.Certify = pades.FillForms
	}
	var result *pades.Result
	do := func(f *pdf.File, out io.Writer) (err error) {
		result, err = pades.Sign(ctx, f, out, id, r)
		return err
	}
	err := w.step(do)
	if untimed && r.Authority != nil && errors.Is(err, errcode.TimeUnreachable) {
		r.Authority = nil
		err = w.step(do)
	}
	if err != nil {
		return err
	}
	w.first, w.signer, w.level, w.stamp = false, id.Chain[0], "B-B", 0
	if result.Stamp != nil {
		w.level, w.stamp = "B-T", result.Stamp.At.UnixMilli()
	}
	return nil
}

// finish makes what was appended part of the contract. First the tail is on disk as pieces, then the file as a version, then the event is
// written that names both: a crash in between leaves bytes that nobody refers to.
func (w *work) finish(ctx context.Context, act *flow.Acted, completes bool) error {
	// What is signed is written down, whether who asked still waits or not.
	ctx = context.WithoutCancel(ctx)
	f, err := os.Open(w.path)
	if err != nil {
		return diskError(err)
	}
	defer f.Close()
	before := w.x.Latest()
	h := sha256.New()
	if _, err := io.CopyN(h, f, int64(before.Size)); err != nil {
		return diskError(err)
	}
	if h2 := sum(h); h2 != before.SHA256 {
		return errcode.With(errcode.DocumentDamaged, errors.New("what was there changed while it was signed"))
	}
	n, err := io.Copy(h, f)
	if err != nil {
		return diskError(err)
	}
	act.Size, act.SHA256, act.Level, act.Stamped, act.At = before.Size+uint64(n), sum(h), w.level, w.stamp, w.c.Clock.Now().UnixMilli()
	if w.signer != nil {
		print := sha256.Sum256(w.signer.Raw)
		act.Fingerprint, act.Issuer = print[:], clip(oneLine(w.signer.Issuer.String()), flow.MaxReason)
	}
	if _, err := f.Seek(int64(before.Size), io.SeekStart); err != nil {
		return diskError(err)
	}
	tail, err := w.c.keep(ctx, f, n)
	if err != nil {
		return err
	}
	if act.Tail, err = describe(tail, w.x.Sent.Document.Salt, w.x.local.code); err != nil {
		return err
	}
	j, err := w.check(ctx, act)
	if err != nil {
		return err
	}
	if err := w.c.shelve(w.x.id, act.SHA256, w.path); err != nil {
		return err
	}
	then := func(tx *store.Tx, e eventlog.Event) error {
		if err := keepJudgment(tx, w.x.id, e.ID, act.SHA256, j); err != nil {
			return err
		}
		return w.c.keepFile(w.x, named{file: tail})(tx, e)
	}
	return w.c.say(ctx, w.x, saying{kind: flow.KindActed, body: act, document: act.SHA256, completes: completes, then: then})
}

// check judges what was made as everybody else will. Nothing is said that others would find wrong.
func (w *work) check(ctx context.Context, act *flow.Acted) (judgment, error) {
	versions := append(slices.Clone(w.x.Versions), flow.Version{Person: w.c.Me.Person, Device: w.c.Log.Self(), At: clock.At(w.c.Clock.Now()),
		Act: act, SHA256: act.SHA256, Size: act.Size})
	j, why, err := w.c.examine(ctx, w.x, versions, w.path)
	switch {
	case err != nil:
		return j, err
	case why != "":
		w.c.Slog.ErrorContext(ctx, "what was made is not what it has to be", "contract", w.x.id.String(), "why", why)
		return j, errcode.With(errcode.DocumentChanged, errors.New(why))
	}
	j.verdict = isGood
	return j, nil
}
