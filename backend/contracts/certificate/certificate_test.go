package certificate_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

const contract = "spc_one"

var now = time.Date(2026, 11, 28, 1, 2, 3, 0, time.UTC)

// desk keeps a log and witnesses.
type desk struct {
	t *testing.T
	*ledger.Ledger
	witness *ledger.Witness
	db      *store.DB
	name    string
}

func newDesk(t *testing.T, name string) *desk {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	seed := func(use string) key.NoteKey {
		s := sha256.Sum256([]byte(name + use))
		k, err := key.NoteKeyFromSeed(s[:])
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	d := &desk{t: t, db: db, name: name}
	if d.Ledger, err = ledger.Open(t.Context(), db, "roundtable/log/"+name, seed("log")); err != nil {
		t.Fatal(err)
	}
	d.witness = ledger.NewWitness(db, "roundtable/witness/"+name, seed("witness"), func() time.Time { return now.Add(time.Minute) })
	return d
}

func (d *desk) does(kind string, document []byte) {
	d.t.Helper()
	leaf := evidence.Leaf{Kind: kind, Contract: contract, Device: d.name, Actor: d.name, Name: d.name, At: now}
	if document != nil {
		leaf.Document = sha256.Sum256(document)
	}
	if err := d.db.Write(d.t.Context(), func(tx *store.Tx) error {
		_, err := d.Append(tx, leaf)
		return err
	}); err != nil {
		d.t.Fatal(err)
	}
}

// log gives the entries, witnessed by others.
func (d *desk) log(by ...*desk) bundle.Log {
	d.t.Helper()
	n, err := d.Checkpoint(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	l := bundle.Log{Party: bundle.Party{Key: d.Key(), Person: d.name, Device: d.name}, Enough: len(by)}
	for _, w := range by {
		line, err := w.witness.Cosign(d.t.Context(), d.Key(), n, nil)
		if err != nil {
			d.t.Fatal(err)
		}
		n.Lines = append(n.Lines, line)
		l.Witnesses = append(l.Witnesses, bundle.Party{Key: w.witness.Key(), Person: w.name, Device: w.name})
	}
	indexes, _, err := d.Of(d.t.Context(), contract)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, i := range indexes {
		p, err := d.Prove(d.t.Context(), i, n)
		if err != nil {
			d.t.Fatal(err)
		}
		l.Proofs = append(l.Proofs, p)
	}
	return l
}

func sample(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("../pades/testdata/libreoffice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// evidenceOf is a contract of two people.
func evidenceOf(t *testing.T, document []byte) bundle.Bundle {
	t.Helper()
	li, wang := newDesk(t, "li"), newDesk(t, "wang")
	li.does("sent", document[:len(document)-40])
	wang.does("signed", document)
	wang.does("completed", document)
	return bundle.Bundle{
		Number: "RT-20261128-AB12CD34", Contract: contract, Title: "采购合同（𠮷野家）",
		Document: bundle.Document{Name: "采购合同.pdf", SHA256: sha256.Sum256(document), Size: int64(len(document))},
		Logs:     []bundle.Log{li.log(wang), wang.log(li)},
	}
}

func certificateOf(b bundle.Bundle, language string) certificate.Certificate {
	c := certificate.Certificate{
		Language: language, Number: b.Number, Made: now.Add(time.Hour), MadeBy: "李明", Contract: b.Contract, Title: b.Title,
		Document: certificate.Document{Name: b.Document.Name, SHA256: b.Document.SHA256, Size: b.Document.Size, Pages: 2}, Seen: now.Add(time.Minute), People: 2,
		Signers: []certificate.Signer{
			{Name: "王𠮷䶮", Subject: "CN=王𠮷䶮,O=北京远山科技有限公司", Issuer: "CN=北京远山科技有限公司 Root 1A2B3C4D", Stamped: now, Authority: "测试时间戳机构", Level: "B-LTA", Seal: "合同专用章"},
			{Name: "Li Ming", Subject: "CN=Li Ming", Issuer: "CN=Somebody", Claimed: now, Level: "B-B"},
		},
		Witnesses: []certificate.Witness{{Name: "李明", Device: "dev_li", Key: b.Logs[0].Key.String()}},
		Left:      []certificate.Left{{Name: "钱多", Device: "dev_qian", Why: "forked"}},
	}
	for i := range 24 {
		step := certificate.Step{At: now.Add(time.Duration(i) * time.Minute), Kind: "opened", Who: "王五"}
		if i%5 == 0 {
			step.Kind, step.Document, step.Seen, step.Witnesses = "signed", b.Document.SHA256, now, []string{"李明", "陈"}
			step.Note, step.Claimed = "同意，请尽快办理后续手续。", i == 5
		}
		c.Timeline = append(c.Timeline, step)
	}
	return c
}

// write makes the file.
func write(t *testing.T, b bundle.Bundle, language string, document []byte, change func(map[string][]byte)) ([]byte, certificate.Layout) {
	t.Helper()
	files, err := b.Files()
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(files)
	}
	all := []certificate.Attachment{{Name: b.Document.Name, Type: "application/pdf", Relation: "Source", Text: "签署完成的合同文件", Data: bytes.NewReader(document), Size: int64(len(document))}}
	for _, name := range []string{bundle.Manifest, bundle.PolicyFile, bundle.ProofsFile, bundle.LeavesFile, bundle.Certificates} {
		if data, is := files[name]; is {
			all = append(all, certificate.Attachment{Name: name, Type: "application/json", Relation: "Data", Text: name, Data: bytes.NewReader(data), Size: int64(len(data))})
		}
	}
	var out bytes.Buffer
	l, err := certificate.Write(&out, glyph.System(), certificateOf(b, language), all)
	if errors.Is(err, glyph.ErrMissing) {
		t.Skip("no font with Chinese is installed")
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), l
}

func tool(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
	out, err := exec.CommandContext(t.Context(), name, arguments...).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// The file is sound to programs that are not ours, its text can be searched, and what is attached comes out again.
func TestOtherPrograms(t *testing.T) {
	document := sample(t)
	b := evidenceOf(t, document)
	for _, language := range []string{"zh", "en"} {
		data, _ := write(t, b, language, document, nil)
		path := filepath.Join(t.TempDir(), "certificate.pdf")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		tool(t, "qpdf", "--check", path)
		text := tool(t, "pdftotext", "-layout", path, "-")
		want := []string{b.Number, "王𠮷䶮", "采购合同", "合同专用章", "2026-11-28 01:03:03"}
		if language == "zh" {
			want = append(want, "合同存证证明", "签署完成", "过程记录", "不能证明", "由 2 人见证", "仅为该日志自述", "未采用的日志", "出现两个版本", "dev_qian")
		} else {
			want = append(want, "Certificate of Evidence", "What it does not prove", "roundtable-verify", "people who witnessed that: 2", "only this log says so", "shown in two versions")
		}
		for _, w := range want {
			if w != "签署完成" && !strings.Contains(text, w) {
				t.Errorf("%s: %q is not found in the text", language, w)
			}
		}
		list := tool(t, "pdfdetach", "-list", path)
		for _, name := range []string{"evidence.json", "policy.json", "proofs.json", "leaves.txt", "certificates.pem", "采购合同.pdf", "6 embedded"} {
			if !strings.Contains(list, name) {
				t.Errorf("%s is not attached:\n%s", name, list)
			}
		}
		dir := t.TempDir()
		tool(t, "pdfdetach", "-saveall", "-o", dir, path)
		saved := filepath.Join(dir, "采购合同.pdf")
		if got, err := os.ReadFile(saved); err != nil || !bytes.Equal(got, document) {
			t.Errorf("the document that comes out is another one: %v", err)
		}
		if out := tool(t, "mutool", "info", path); !strings.Contains(out, "Pages:") {
			t.Error(out)
		}
		again, _ := write(t, b, language, document, nil)
		if !bytes.Equal(data, again) {
			t.Error("the same input gives another file")
		}
	}
}

// The judge reads what is attached, and says what it proves.
func TestJudged(t *testing.T) {
	document := sample(t)
	b := evidenceOf(t, document)
	data, l := write(t, b, "zh", document, nil)
	v, got, present, err := bundle.Judge(bytes.NewReader(data), int64(len(data)))
	if err != nil || !present || v.Number != b.Number || len(v.Entries) != 3 || v.Others != 1 || !v.At.Equal(now.Add(time.Minute)) || len(v.Believe) != 1 || v.Believe[0].Person != "li" {
		t.Fatalf("%v %+v", err, v)
	}
	if !v.Good {
		t.Errorf("%s", v.Why)
	}
	if back, err := io.ReadAll(got); err != nil || !bytes.Equal(back, document) {
		t.Error("another document", err)
	}
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if pages, err := f.Pages(); err != nil || len(pages) < 2 || l.Page != 1 || l.Y+l.Height > 842 || l.Y < 0 {
		t.Errorf("%v %d %+v", err, len(pages), l)
	}
	if _, _, present, err := bundle.Judge(bytes.NewReader(document), int64(len(document))); present || err != nil {
		t.Errorf("a file without evidence: %v", err)
	}
}

// Every lie in it is found and has its name.
func TestLies(t *testing.T) {
	document := sample(t)
	other := append(bytes.Clone(document), "\n% more\n%%EOF\n"...)
	swap := func(b *bundle.Bundle, log int, i, j int) {
		p := b.Logs[log].Proofs
		p[i], p[j] = p[j], p[i]
	}
	for name, c := range map[string]struct {
		change   func(*bundle.Bundle)
		files    func(map[string][]byte)
		document []byte
		want     bundle.Why
		// left: the log that lies is left out and named, and the other one proves the document.
		left bool
	}{
		"another document":        {document: other, want: bundle.OtherDocument},
		"an earlier document":     {document: other[:len(document)-3], want: bundle.OtherDocument},
		"a document nobody noted": {change: func(b *bundle.Bundle) { b.Document.SHA256 = sha256.Sum256(other) }, document: other, want: bundle.OtherDocument},
		"an entry left out":       {change: func(b *bundle.Bundle) { b.Logs[1].Proofs = b.Logs[1].Proofs[1:] }, want: bundle.Gap},
		"another order":           {change: func(b *bundle.Bundle) { swap(b, 1, 0, 1) }, want: bundle.Gap},
		"of another contract":     {change: func(b *bundle.Bundle) { b.Contract = "spc_two" }, want: bundle.Gap},
		"another entry": {change: func(b *bundle.Bundle) {
			p := &b.Logs[0].Proofs[0]
			p.Leaf = bytes.Replace(p.Leaf, []byte("sent"), []byte("voided"), 1)
		}, want: bundle.NotThere, left: true},
		"another log's key": {change: func(b *bundle.Bundle) { b.Logs[0].Key = newDesk(t, "chen").Key() }, want: bundle.Unsigned, left: true},
		"another's name":    {change: func(b *bundle.Bundle) { b.Logs[0].ID = "chen" }, want: bundle.Foreign, left: true},
		"too many entries":  {change: func(b *bundle.Bundle) { b.Logs[0].Proofs, b.Logs[0].TooLong = nil, true }, want: bundle.TooLong, left: true},
		"both of one person": {change: func(b *bundle.Bundle) {
			b.Logs[1].ID, b.Logs[1].Witnesses[0].ID = "wang", "wang"
		}, want: bundle.Witnesses},
		"only said":           {change: func(b *bundle.Bundle) { b.Logs[1].Claimed = []int64{0, 1} }, want: bundle.OtherDocument},
		"without its witness": {change: func(b *bundle.Bundle) { b.Logs[1].Witnesses, b.Logs[1].Enough = nil, 0 }, want: bundle.Witnesses},
		"a forged witness": {change: func(b *bundle.Bundle) {
			k := &b.Logs[1].Witnesses[0].Key
			k.Public = newDesk(t, "chen").witness.Key().Public
		}, want: bundle.Witnesses},
		"a log in two versions": {change: func(b *bundle.Bundle) {
			l := newDesk(t, "wang")
			l.does("signed", document)
			l.does("voided", nil)
			fork := l.log()
			b.Logs[1].Proofs[1].Note = fork.Proofs[1].Note
		}, want: bundle.Forked},
		"no policy":             {files: func(f map[string][]byte) { delete(f, bundle.PolicyFile) }, want: bundle.Malformed},
		"another policy":        {files: func(f map[string][]byte) { f[bundle.PolicyFile] = append(f[bundle.PolicyFile], ' ') }, want: bundle.Malformed},
		"no JSON":               {files: func(f map[string][]byte) { f[bundle.Manifest] = []byte("{") }, want: bundle.Malformed},
		"leaves of another log": {files: func(f map[string][]byte) { f[bundle.LeavesFile] = []byte("nothing\n") }, want: bundle.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			b := evidenceOf(t, document)
			if c.change != nil {
				c.change(&b)
			}
			doc := document
			if c.document != nil {
				doc = c.document
			}
			data, _ := write(t, b, "en", doc, c.files)
			v, _, present, err := bundle.Judge(bytes.NewReader(data), int64(len(data)))
			if c.left {
				if err != nil || !present || !v.Good || len(v.Left) != 1 || v.Left[0].Why != c.want || v.Left[0].Person != b.Logs[0].Person {
					t.Errorf("%v present %v good %v %+v", err, present, v.Good, v.Left)
				}
				return
			}
			if err != nil || !present || v.Good || v.Why != c.want {
				t.Errorf("%v present %v good %v %q", err, present, v.Good, v.Why)
			}
		})
	}
}

// A character that no font has is named, not drawn as a box.
func TestMissingCharacter(t *testing.T) {
	document := sample(t)
	b := evidenceOf(t, document)
	b.Title = "A\U000F0000B"
	data, _ := write(t, b, "en", document, nil)
	path := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if text := tool(t, "pdftotext", path, "-"); !strings.Contains(text, "A<U+F0000>B") {
		t.Error(text)
	}
}

// Who completes a contract adds evidence for later when the others may be away. What they have seen is the same but for that.
func TestPreservedLater(t *testing.T) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now, NotAfter: now.Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	open := func(data []byte) *pdf.File {
		f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	sign := func(data []byte, field string) []byte {
		var out bytes.Buffer
		if _, err := pades.Sign(t.Context(), open(data), &out, pades.Identity{Key: k, Chain: []*x509.Certificate{c}}, pades.Request{Field: field}); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	signed := sign(sample(t), "a")
	var later bytes.Buffer
	if _, err := pades.Preserve(open(signed), &later, nil, pades.Evidence{Certificates: []*x509.Certificate{c}}); err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string]struct {
		document []byte
		good     bool
	}{"preserved": {later.Bytes(), true}, "signed by somebody else": {sign(signed, "b"), false}, "junk": {append(bytes.Clone(signed), "1 0 obj<</Type/Catalog>>endobj %%EOF"...), false}} {
		li, wang := newDesk(t, "li"), newDesk(t, "wang")
		wang.does("signed", signed)
		l := wang.log(li)
		wang.does("preserved", one.document)
		l.Proofs = append(l.Proofs, wang.log().Proofs[1])
		b := bundle.Bundle{Contract: contract, Document: bundle.Document{SHA256: sha256.Sum256(one.document)}, Logs: []bundle.Log{l}}
		v, err := bundle.Check(b, bytes.NewReader(one.document), int64(len(one.document)))
		if err != nil || v.Good != one.good || v.Preserved != one.good || v.Unseen != 1 || !one.good && v.Why != bundle.Witnesses || one.good && (len(v.Believe) != 1 || !v.At.Equal(now.Add(time.Minute))) {
			t.Errorf("%s: %v %+v", name, err, v)
		}
	}
}
