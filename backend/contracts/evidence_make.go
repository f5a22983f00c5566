package contracts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/certificate"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// certifying is a certificate of evidence that is being made.
type certifying struct {
	c      *Contracts
	x      *contract
	at     time.Time
	number string
	// document is the path of the signed file.
	document string
	bundle   bundle.Bundle
	verdict  bundle.Verdict
	report   *verify.Report
	name     func(wire.PersonID) string
}

// certifyingOf collects what there is to certify. Errors: errcode.NotReady, those of version.
func (c *Contracts) certifyingOf(ctx context.Context, x *contract, number string) (m *certifying, err error) {
	w := c.entries()
	if w == nil {
		return nil, errcode.NotReady
	}
	m = &certifying{c: c, x: x, at: c.Clock.Now().UTC().Truncate(time.Second), number: number, name: c.namesOf(ctx, x)}
	if m.document, err = c.versionOf(ctx, x, -1); err != nil {
		return nil, err
	}
	latest := x.Latest()
	m.bundle = bundle.Bundle{
		Number: number, Contract: x.id.String(), Title: clip(oneLine(x.Sent.Title), 300),
		Document: bundle.Document{Name: documentName(x), SHA256: latest.SHA256, Size: int64(latest.Size)},
	}
	if m.bundle.Logs, err = w.Gather(ctx, x.id, m.name); err != nil {
		return nil, err
	}
	if err := c.claims(ctx, x, m.bundle.Logs); err != nil {
		return nil, err
	}
	t, err := c.trust(ctx)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(m.document)
	if err != nil {
		return nil, diskError(err)
	}
	defer f.Close()
	if m.report, err = verify.File(f, int64(latest.Size), t); err != nil {
		return nil, pdfError(err)
	}
	m.certificates()
	m.verdict, err = bundle.Check(m.bundle, f, int64(latest.Size))
	return m, err
}

// documentName is what the document is called among the files of the evidence: a name for every system, and none of theirs.
func documentName(x *contract) string {
	kind := filepath.Ext(x.Sent.Document.Name)
	return portable(strings.TrimSuffix(x.Sent.Document.Name, kind)) + ".pdf"
}

// certificates collects those of the signatures and stamps, in their order.
func (m *certifying) certificates() {
	add := func(der []byte) {
		if !slices.ContainsFunc(m.bundle.Certificates, func(have []byte) bool { return string(have) == string(der) }) {
			m.bundle.Certificates = append(m.bundle.Certificates, der)
		}
	}
	for _, s := range m.report.Signatures {
		if s.Certificate != nil {
			add(s.Certificate.Raw)
		}
		for _, c := range s.Chain {
			add(c.Raw)
		}
		if s.Stamp != nil && s.Stamp.Certificate != nil {
			add(s.Stamp.Certificate.Raw)
		}
	}
}

// says is what the certificate says.
func (m *certifying) says(language string) certificate.Certificate {
	if strings.HasPrefix(language, "zh") {
		language = "zh"
	}
	out := certificate.Certificate{
		Language: language, Number: m.number, Made: m.at, MadeBy: m.name(m.c.Me.Person), Contract: m.bundle.Contract, Title: m.bundle.Title,
		Document: certificate.Document{Name: m.bundle.Document.Name, SHA256: m.bundle.Document.SHA256, Size: m.bundle.Document.Size, Pages: m.report.Pages},
		Seen:     m.verdict.At, People: m.verdict.People,
	}
	for i := range m.report.Signatures {
		if s := &m.report.Signatures[i]; !s.Document {
			out.Signers = append(out.Signers, signerOf(s, language))
		}
	}
	for _, e := range m.verdict.Entries {
		step := certificate.Step{At: e.At, Kind: e.Kind, Who: e.By.Person, Note: m.note(e), Seen: e.Seen, Witnesses: e.Witnesses, Claimed: e.Claimed}
		if slices.Contains([]string{"sent", "signed", "sealed", "completed", "preserved"}, e.Kind) {
			step.Document = e.Document
		}
		out.Timeline = append(out.Timeline, step)
	}
	for _, l := range m.verdict.Left {
		out.Left = append(out.Left, certificate.Left{Name: l.Person, Device: l.Device, Why: string(l.Why)})
	}
	seen := map[string]bool{}
	for _, l := range m.bundle.Logs {
		for _, w := range l.Witnesses {
			if key := w.Key.String(); !seen[key] {
				seen[key] = true
				out.Witnesses = append(out.Witnesses, certificate.Witness{Name: w.Person, Device: w.Device, Key: key})
			}
		}
	}
	return out
}

// note puts an entry's note into words: entries name people and seals by their IDs.
func (m *certifying) note(e bundle.Entry) string {
	first, rest, _ := strings.Cut(e.Note, " ")
	switch e.Kind {
	case "reassigned":
		if p, err := wire.ParsePersonID(first); err == nil {
			return strings.TrimSpace(m.name(p) + " " + rest)
		}
	case "seal_asked":
		return rest
	}
	return e.Note
}

func signerOf(s *verify.Signature, language string) certificate.Signer {
	out := certificate.Signer{Name: s.Name, Level: s.Level, Claimed: s.Claimed, Standing: standingWords(s, language)}
	if c := s.Certificate; c != nil {
		out.Subject, out.Issuer, out.Fingerprint = c.Subject.String(), c.Issuer.String(), sha256.Sum256(c.Raw)
		if out.Name == "" {
			out.Name = named509(c.Subject.CommonName, out.Subject)
		}
	}
	if s.Stamp.Good() {
		out.Stamped = s.Stamp.At
		if s.Stamp.Certificate != nil {
			out.Authority = named509(s.Stamp.Certificate.Subject.CommonName, s.Stamp.Certificate.Subject.String())
		}
	}
	if s.Seal != nil {
		out.Seal = s.Seal.Name
	}
	return out
}

// standingWords says in a sentence what was found of a signature when the certificate was made.
func standingWords(s *verify.Signature, language string) string {
	zh, en := "", ""
	switch {
	case s.Integrity != verify.Intact:
		zh, en = "签名未通过核对", "the signature did not check"
	case s.SealStanding == verify.SealWithoutRight:
		zh, en = "签名完好，但无权使用该印章", "intact, and the seal was used without right"
	case s.Valid():
		zh, en = "签名完好，证书受出证人信任", "intact, by a certificate that the maker of this trusts"
	case s.Standing == verify.Trusted:
		zh, en = "签名完好，之后文件有改动", "intact, and the document was changed afterwards"
	case s.Standing == verify.Revoked:
		zh, en = "签名完好，证书已被吊销", "intact, by a certificate that was revoked"
	case s.Standing == verify.Expired:
		zh, en = "签名完好，证书在该时间无效", "intact, by a certificate that was not valid at that time"
	default:
		zh, en = "签名完好，颁发者不在出证人信任之列", "intact, by a certificate whose issuer the maker of this does not know"
	}
	if language == "zh" {
		return zh
	}
	return en
}

// write writes the unsigned certificate.
func (m *certifying) write(out io.Writer, language string) (l certificate.Layout, err error) {
	files, err := m.bundle.Files()
	if err != nil {
		return l, err
	}
	document, err := os.Open(m.document)
	if err != nil {
		return l, diskError(err)
	}
	defer document.Close()
	zh := strings.HasPrefix(language, "zh")
	text := func(a, b string) string {
		if zh {
			return a
		}
		return b
	}
	all := []certificate.Attachment{{
		Name: m.bundle.Document.Name, Type: mediaPDF, Relation: "Source", Text: text("签署的合同文件", "the signed document"), Data: document, Size: m.bundle.Document.Size,
	}}
	for _, one := range []struct{ name, media, text string }{
		{bundle.Manifest, "application/json", text("各文件的哈希与证书编号", "hashes of the files, and the number")},
		{bundle.PolicyFile, "application/json", text("日志与见证人的公钥", "keys of logs and witnesses")},
		{bundle.ProofsFile, "application/json", text("每条记录的证明与见证签名", "proofs and cosignatures of every entry")},
		{bundle.LeavesFile, "text/plain", text("各条记录的原文", "the entries as they were written")},
		{bundle.Certificates, "application/x-pem-file", text("签署人与时间戳的证书", "certificates of signers and time stamps")},
	} {
		data := files[one.name]
		all = append(all, certificate.Attachment{Name: one.name, Type: one.media, Relation: "Data", Text: one.text, Data: strings.NewReader(string(data)), Size: int64(len(data))})
	}
	return certificate.Write(out, m.c.Fonts, m.says(language), all)
}

// makeEvidence makes the certificate of evidence of a contract and signs it. Errors: errcode.ContractRunning, errcode.KeyMissing, errcode.KeyPasswordWrong,
// errcode.CertificateUnfit, errcode.TimeUnreachable, errcode.DocumentAbsent, errcode.AccessCodeWrong, errcode.NotReady, errcode.DiskFull.
func (c *Contracts) makeEvidence(ctx context.Context, r *v1.MakeEvidenceRequest, id wire.SpaceID) error {
	defer c.hold(id)()
	x, err := c.contract(ctx, id)
	switch {
	case err != nil:
		return err
	case x.shown() == flow.Running && !x.Expired(c.Clock.Now().UnixMilli()): // also while this device has not seen that everybody signed
		return errcode.ContractRunning
	case c.Keys == nil:
		return errcode.KeyMissing
	}
	identity, err := c.Keys.Unlock(ctx, r.KeyId, r.KeyPassword)
	if err != nil {
		return err
	}
	if c.Standing != nil && len(identity.Chain) > 0 {
		if err := c.Standing(ctx, x.workspace, identity.Chain[0]); err != nil {
			return err
		}
	}
	m, err := c.certifyingOf(ctx, x, fmt.Sprintf("RT-%s-%s", c.Clock.Now().UTC().Format("20060102"), strings.ToUpper(hex.EncodeToString(wire.Random(5)))))
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp(c.Folder, "signing-") // what a crash leaves of it, the next start removes
	if err != nil {
		return diskError(err)
	}
	defer os.RemoveAll(folder)
	path, err := m.sign(ctx, folder, identity, r)
	if err != nil {
		return err
	}
	return m.keep(context.WithoutCancel(ctx), path)
}

// sign writes and signs the certificate in a folder.
func (m *certifying) sign(ctx context.Context, folder string, identity pades.Identity, r *v1.MakeEvidenceRequest) (string, error) {
	plain, signed := filepath.Join(folder, "plain.pdf"), filepath.Join(folder, "signed.pdf")
	var l certificate.Layout
	err := produce(plain, func(out io.Writer) (err error) {
		l, err = m.write(out, r.Language)
		return err
	})
	if err != nil {
		return "", err
	}
	p, err := openPaper(plain)
	if err != nil {
		return "", err
	}
	defer p.Close()
	request := pades.Request{
		Field: "evidence", Place: pades.Place{Page: l.Page, X: l.X, Y: l.Y, Width: l.Width, Height: l.Height}, Name: m.name(m.c.Me.Person), Reason: m.number,
		At: m.at, Certify: pades.NoChanges, Authority: m.c.authority(),
	}
	if request.Look, err = m.look(l, identity); err != nil {
		return "", err
	}
	do := func(out io.Writer) error {
		_, err := pades.Sign(ctx, p.File, out, identity, request)
		return signError(err)
	}
	err = produce(signed, do)
	if r.WithoutTrustedTime && request.Authority != nil && errors.Is(err, errcode.TimeUnreachable) {
		request.Authority = nil
		if err = remove(signed); err == nil {
			err = produce(signed, do)
		}
	}
	return signed, err
}

// look is what the signature looks like: who signed, by which certificate, and when. A name that no font has leaves the place empty.
func (m *certifying) look(l certificate.Layout, identity pades.Identity) (*pades.Look, error) {
	subject := identity.Chain[0].Subject.CommonName
	out := &pades.Look{Width: l.Width, Height: l.Height, Content: []byte("0.10 0.11 0.13 rg\n")}
	for i, line := range []struct {
		text string
		size float64
	}{{subject, 17}, {m.at.Format("2006-01-02 15:04:05") + " UTC", 9}, {m.number, 9}} {
		p, width, err := m.c.Fonts.Text(line.text, line.size)
		if errors.Is(err, glyph.ErrMissing) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		scale := min(1, (l.Width-12)/max(1, width))
		y := l.Height - 26 - float64(i)*18
		out.Content = append(append(out.Content, p.By(glyph.Scale(scale, scale).Then(glyph.MoveBy(4, y))).PDF()...), "f\n"...)
	}
	return out, nil
}

// keep puts the certificate among those of its contract, first the file and then its number.
func (m *certifying) keep(ctx context.Context, from string) error {
	to := m.c.madePath(m.x.id, m.number)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return diskError(err)
	}
	sha, err := fileHash(from)
	if err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return diskError(err)
	}
	if err := durable.SyncFolder(filepath.Dir(to)); err != nil {
		return err
	}
	err = m.c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO contractsevidence_made VALUES(?, ?, ?, ?, ?)`, m.number, m.x.id[:], m.at.UnixMilli(), m.number+".pdf", sha[:])
		return err
	})
	if err == nil {
		m.c.Publish("contract:" + m.x.id.String())
	}
	return err
}
