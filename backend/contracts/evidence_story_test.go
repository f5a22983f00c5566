package contracts_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// certificate reads the certificate of evidence through the door.
func (x *table) certificate(name string, id wire.SpaceID) []byte {
	x.t.Helper()
	f, err := x.As(name).ContractsAPI().OpenDocument(context.Background(), []string{"contracts", id.String(), "evidence"})
	must(x.t, err)
	data, err := io.ReadAll(f.Content)
	must(x.t, err)
	if c, is := f.Content.(io.Closer); is {
		must(x.t, c.Close())
	}
	return data
}

// brings uploads a file at somebody's.
func (x *table) brings(name, file string, data []byte) string {
	x.t.Helper()
	ctx, api := context.Background(), x.As(name).ContractsAPI()
	u, err := api.BeginDocument(ctx, &v1.BeginDocumentRequest{Name: file, Size: int64(len(data))})
	must(x.t, err)
	for at := 0; at < len(data); at += 1 << 20 {
		_, err = api.PutDocument(ctx, &v1.PutDocumentRequest{UploadId: u.UploadId, Offset: int64(at), Data: data[at:min(at+1<<20, len(data))]})
		must(x.t, err)
	}
	return u.UploadId
}

func TestCertificateOfEvidence(t *testing.T) {
	x := sits(t, 71, "wang", "li", "zhao")
	ctx := context.Background()
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2})
	ask := &v1.MakeEvidenceRequest{ContractId: id.String(), KeyId: "mine", KeyPassword: password, Language: "zh"}
	if _, err := x.As("wang").ContractsAPI().MakeEvidence(ctx, ask); code(err) != errcode.ContractRunning {
		t.Error(err)
	}
	x.signs("li", id)
	x.sees("zhao", id, "it is their turn", func(c *v1.Contract) bool { return c.CanSign })
	x.signs("zhao", id)
	for _, name := range []string{"wang", "li", "zhao"} {
		x.is(name, id, completed)
		x.sees(name, id, "everything is witnessed", func(c *v1.Contract) bool {
			e := c.Evidence
			return e != nil && e.Entries >= 7 && e.Witnessed == e.Entries && len(e.Witnesses) == 3 && len(e.Forked) == 0 && slices.ContainsFunc(c.Timeline, func(e *v1.ContractEvent) bool { return e.Kind == "preserved" })
		})
	}
	x.Eventually("each of three has answered both others", func() bool {
		var states, answers int
		must(t, x.As("wang").DB.Read().QueryRow(`SELECT (SELECT count(*) FROM witnessed_checkpoint), (SELECT count(*) FROM witnessed_cosigned WHERE good = 1)`).Scan(&states, &answers))
		return states > 0 && answers == 2*states
	})
	x.Settles()
	// It comes to rest: nobody answers an answer, also not after a restart.
	before := x.As("wang").Log.Digest(id)
	x.Restart("li")
	x.Restart("zhao")
	x.Settles()
	if x.As("wang").Log.Digest(id) != before {
		t.Error("evidence makes evidence of itself")
	}
	// Every party can make the certificate alone, without the others.
	x.Partition([]string{"wang"}, []string{"li"}, []string{"zhao"})
	var times []int64
	for _, name := range []string{"wang", "zhao"} {
		if _, err := x.As(name).ContractsAPI().MakeEvidence(ctx, &v1.MakeEvidenceRequest{ContractId: id.String(), KeyId: "mine", KeyPassword: "wrong"}); code(err) != errcode.KeyPasswordWrong {
			t.Error(err)
		}
		made, err := x.As(name).ContractsAPI().MakeEvidence(ctx, ask)
		must(t, err)
		if !strings.HasPrefix(made.CertificateNumber, "RT-") || made.MadeUnixMs == 0 {
			t.Error(made)
		}
		data := x.certificate(name, id)
		v, document, present, err := bundle.Judge(bytes.NewReader(data), int64(len(data)))
		must(t, err)
		if !present || !v.Good || v.Number != made.CertificateNumber || v.Unseen != 0 || v.Others != 0 || len(v.Entries) != int(made.Entries) {
			t.Errorf("%s: %+v", name, v)
		}
		whole, err := os.ReadFile(x.document(name, id))
		must(t, err)
		if got, err := io.ReadAll(document); err != nil || !bytes.Equal(got, whole) {
			t.Error("another document is attached", err)
		}
		times = append(times, v.At.UnixMilli())
		r, err := x.As(name).ContractsAPI().VerifyDocument(ctx, &v1.VerifyDocumentRequest{UploadId: x.brings(name, "evidence.pdf", data)})
		must(t, err)
		if r.Evidence == nil || !r.Evidence.Good || r.Evidence.Number != made.CertificateNumber || r.Evidence.EvidenceTimeUnixMs != v.At.UnixMilli() || len(r.Signatures) != 1 || r.Signatures[0].Integrity != "intact" {
			t.Errorf("%s: %v", name, r)
		}
		judgedCertificate(t, data)
	}
	if times[0] != times[1] {
		t.Errorf("two parties certify two times: %v", times)
	}
	x.Restart("wang")
	if c := x.is("wang", id, completed); c.Evidence.CertificateNumber == "" {
		t.Error("the number is gone")
	}
	if x.is("li", id, completed).Evidence.CertificateNumber != "" {
		t.Error("a certificate that was never made here")
	}
	x.Heal()
}

// judgedCertificate asks programs that are not ours.
func judgedCertificate(t *testing.T, data []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "evidence.pdf")
	must(t, os.WriteFile(path, data, 0o600))
	for _, c := range []struct {
		want string
		args []string
	}{
		{"No syntax or stream encoding errors", []string{"qpdf", "--check", path}}, {"Signature is Valid", []string{"pdfsig", "-nocert", path}},
		{"policy.json", []string{"pdfdetach", "-list", path}}, {"合同存证证明", []string{"pdftotext", path, "-"}},
	} {
		if _, err := exec.LookPath(c.args[0]); err != nil {
			continue
		}
		out, err := exec.CommandContext(t.Context(), c.args[0], c.args[1:]...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v\n%s", c.args[0], err, out)
		}
	}
}

func TestExport(t *testing.T) {
	x := sits(t, 72, "wang", "li")
	ctx := context.Background()
	api := x.As("wang").ContractsAPI()
	id := x.sends("wang", nil, part{"li", flow.Signer, 1})
	other := x.sends("wang", nil, part{"li", flow.Signer, 1}) // of the same title
	x.signs("li", id)
	x.is("wang", id, completed)
	x.sees("wang", id, "it is preserved and witnessed", func(c *v1.Contract) bool {
		return c.Evidence.Witnessed == c.Evidence.Entries && slices.Contains(kinds(c), "preserved")
	})
	made, err := api.MakeEvidence(ctx, &v1.MakeEvidenceRequest{ContractId: id.String(), KeyId: "mine", KeyPassword: password, Language: "en"})
	must(t, err)
	folder := t.TempDir()
	if _, err := api.ExportContracts(ctx, &v1.ExportContractsRequest{ContractIds: []string{id.String()}, Folder: filepath.Join(folder, "absent")}); code(err) != errcode.FolderMissing {
		t.Error(err)
	}
	unknown := wire.SpaceID(wire.Random(32)).String()
	out, err := api.ExportContracts(ctx, &v1.ExportContractsRequest{ContractIds: []string{id.String(), other.String(), unknown}, Folder: folder})
	must(t, err)
	if len(out.Written) != 2 || out.Written[0] == out.Written[1] || len(out.Failed) != 1 || filepath.Base(out.Written[1]) != "采购合同 (2)" {
		t.Fatal(out)
	}
	for _, name := range []string{"合同.pdf", "合同-original.pdf", "evidence " + made.CertificateNumber + ".pdf", "contract.json", "evidence.json", "policy.json", "proofs.json", "leaves.txt", "certificates.pem", "sha256.txt"} {
		if info, err := os.Stat(filepath.Join(out.Written[0], name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	read := func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(out.Written[0], name)) }
	b, err := bundle.Parse(read)
	must(t, err)
	document, err := read(b.Document.Name)
	must(t, err)
	v, err := bundle.Check(b, bytes.NewReader(document), int64(len(document)))
	if err != nil || !v.Good {
		t.Errorf("%v %+v", err, v)
	}
	if sums, err := read("sha256.txt"); err != nil || !strings.HasPrefix(string(sums), hex.EncodeToString(v.Document.SHA256[:])) {
		t.Errorf("%v %s", err, sums)
	}
}
