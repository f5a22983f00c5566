package verify_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roundtable/app/verify"
	"roundtable/backend/contracts/certificate"
	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/ledger"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/key"
	"roundtable/backend/store"
)

// office has a root and somebody who signs.
type office struct {
	t    *testing.T
	root string
	id   pades.Identity
}

func newOffice(t *testing.T) *office {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "李明"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, root: filepath.Join(t.TempDir(), "root.pem"), id: pades.Identity{Key: k, Chain: []*x509.Certificate{c}}}
	put(t, o.root, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return o
}

func (o *office) signs(data []byte, field string) []byte {
	o.t.Helper()
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		o.t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := pades.Sign(o.t.Context(), f, &out, o.id, pades.Request{Field: field, At: time.Now()}); err != nil {
		o.t.Fatal(err)
	}
	return out.Bytes()
}

// evidenceOf is what two devices wrote down of a document, each witnessed by the other.
func evidenceOf(t *testing.T, o *office, document []byte) bundle.Bundle {
	t.Helper()
	b := bundle.Bundle{
		Number: "RT-20261128-00AA", Contract: "spc_one", Title: "采购合同",
		Document:     bundle.Document{Name: "采购合同.pdf", SHA256: sha256.Sum256(document), Size: int64(len(document))},
		Certificates: [][]byte{o.id.Chain[0].Raw},
	}
	noteKey := func() key.NoteKey {
		k, err := key.NewNoteKey()
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	for _, name := range []string{"李明", "王五"} {
		db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		l, err := ledger.Open(t.Context(), db, "roundtable/log/"+name, noteKey())
		if err != nil {
			t.Fatal(err)
		}
		w := ledger.NewWitness(db, "roundtable/witness/of-"+name, noteKey(), time.Now)
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := l.Append(tx, evidence.Leaf{Kind: "signed", Contract: b.Contract, Name: name, Document: b.Document.SHA256, At: time.Now()})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		n, err := l.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		line, err := w.Cosign(t.Context(), l.Key(), n, nil)
		if err != nil {
			t.Fatal(err)
		}
		n.Lines = append(n.Lines, line)
		p, err := l.Prove(t.Context(), 0, n)
		if err != nil {
			t.Fatal(err)
		}
		b.Logs = append(b.Logs, bundle.Log{
			Party: bundle.Party{Key: l.Key(), Person: name}, Enough: 1, Proofs: []evidence.Proof{p}, Witnesses: []bundle.Party{{Key: w.Key(), Person: name + "的见证"}},
		})
	}
	return b
}

func certificateOf(t *testing.T, b bundle.Bundle, document []byte) []byte {
	t.Helper()
	files, err := b.Files()
	if err != nil {
		t.Fatal(err)
	}
	files[b.Document.Name] = document
	var all []certificate.Attachment
	for _, name := range []string{b.Document.Name, bundle.Manifest, bundle.PolicyFile, bundle.ProofsFile, bundle.LeavesFile, bundle.Certificates} {
		all = append(all, certificate.Attachment{Name: name, Type: "application/octet-stream", Relation: "Data", Data: bytes.NewReader(files[name]), Size: int64(len(files[name]))})
	}
	var out bytes.Buffer
	_, err = certificate.Write(&out, glyph.System(), certificate.Certificate{Language: "en", Number: b.Number, Made: time.Now()}, all)
	if errors.Is(err, glyph.ErrMissing) {
		t.Skip("no font is installed")
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sampleFile(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(samples + "libreoffice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestCertificateOfEvidence(t *testing.T) {
	o := newOffice(t)
	document := o.signs(sampleFile(t), "a")
	b := evidenceOf(t, o, document)
	path := filepath.Join(t.TempDir(), "evidence.pdf")
	put(t, path, o.signs(certificateOf(t, b, document), "evidence"))
	code, out, faults := run(t, "--language", "zh", "--root", o.root, path)
	for _, want := range []string{"存证 RT-20261128-00AA", "证据完好", "没有全部说谎", "李明的见证", "roundtable/witness/of-", "所附文件：", "✓ 1. 签名", "2 条，其中 0 条"} {
		if code != verify.Valid || !strings.Contains(out, want) {
			t.Errorf("%d %q is missing\n%s%s", code, want, out, faults)
		}
	}
	// Who trusts nobody sees that the evidence is good and the signatures are of nobody known.
	code, out, _ = run(t, "--language", "en", path)
	if code != verify.NotValid || !strings.Contains(out, "the evidence is good") || !strings.Contains(out, "nobody you trust issued it") {
		t.Errorf("%d\n%s", code, out)
	}
	code, out, _ = run(t, "--json", "--root", o.root, path)
	var r struct {
		Signatures []struct{ Valid bool }
		Evidence   struct {
			Good           bool
			Number         string
			Time           *time.Time
			Entries        []struct{ Kind string }
			Believe        []struct{ Person, Key string }
			DocumentReport struct{ Signatures []struct{ Valid bool } }
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != verify.Valid || !r.Evidence.Good || r.Evidence.Time == nil || len(r.Evidence.Entries) != 2 ||
		len(r.Evidence.Believe) != 1 || !r.Evidence.DocumentReport.Signatures[0].Valid || !r.Signatures[0].Valid {
		t.Errorf("%d %v\n%s", code, err, out)
	}
	// A log that something is wrong with is named, and what only a log says; the other one proves the document.
	b.Logs[1].ID = "per_other"
	put(t, path, o.signs(certificateOf(t, b, document), "evidence"))
	if code, out, _ = run(t, "--language", "en", "--root", o.root, path); code != verify.Valid || !strings.Contains(out, "a log was left out: 王五") || !strings.Contains(out, "in the name of somebody else") || !strings.Contains(out, "1 entries") {
		t.Errorf("%d\n%s", code, out)
	}
	b.Logs[1].ID, b.Logs[1].Claimed = "", []int64{0}
	put(t, path, o.signs(certificateOf(t, b, document), "evidence"))
	if code, out, _ = run(t, "--language", "en", "--root", o.root, path); code != verify.Valid || strings.Count(out, "only this log says so") != 1 || !strings.Contains(out, "people who witnessed it: 1") {
		t.Errorf("%d\n%s", code, out)
	}
	b.Logs[1].Claimed = nil
	// Another document in it is found, whoever signed the certificate.
	other := o.signs(document, "b")
	put(t, path, o.signs(certificateOf(t, b, other), "evidence"))
	if code, out, _ = run(t, "--language", "en", "--root", o.root, path); code != verify.NotValid || !strings.Contains(out, "is not the one that the logs name") {
		t.Errorf("%d\n%s", code, out)
	}
}

func TestExportedFolder(t *testing.T) {
	o := newOffice(t)
	document := o.signs(sampleFile(t), "a")
	b := evidenceOf(t, o, document)
	write := func(b bundle.Bundle, document []byte) string {
		dir := t.TempDir()
		files, err := b.Files()
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range files {
			put(t, filepath.Join(dir, name), data)
		}
		put(t, filepath.Join(dir, "采购合同.pdf"), document)
		return dir
	}
	if code, out, faults := run(t, "--language", "en", "--root", o.root, write(b, document)); code != verify.Valid || !strings.Contains(out, "the evidence is good") {
		t.Errorf("%d\n%s%s", code, out, faults)
	}
	flipped := bytes.Clone(document)
	flipped[len(flipped)/2] ^= 1
	if code, out, _ := run(t, "--language", "zh", "--root", o.root, write(b, flipped)); code != verify.NotValid || !strings.Contains(out, "不是日志记录的那一份") {
		t.Errorf("%d\n%s", code, out)
	}
	for _, name := range []string{"../采购合同.pdf", "/etc/passwd", "a/b.pdf", ".."} {
		lies := b
		lies.Document.Name = name
		if code, _, faults := run(t, "--language", "en", write(lies, document)); code != verify.CannotCheck || !strings.Contains(faults, "no evidence in the folder") {
			t.Errorf("%s: %d %s", name, code, faults)
		}
	}
	if code, _, faults := run(t, "--language", "en", t.TempDir()); code != verify.CannotCheck || !strings.Contains(faults, "no evidence in the folder") {
		t.Errorf("an empty folder: %d %s", code, faults)
	}
}
