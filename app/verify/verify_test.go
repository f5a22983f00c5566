package verify_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roundtable/app/verify"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
)

const samples = "../../backend/contracts/pades/testdata/"

func run(t *testing.T, arguments ...string) (code int, out, faults string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = verify.Main(arguments, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// signed writes a signed file and its root.
func signed(t *testing.T) (file, root string) {
	t.Helper()
	data, err := os.ReadFile(samples + "libreoffice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	return signs(t, data)
}

// signs writes a document with a signature, and its root.
func signs(t *testing.T, data []byte) (file, root string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "李\u202e明"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := pades.Sign(t.Context(), f, &out, pades.Identity{Key: key, Chain: []*x509.Certificate{c}}, pades.Request{Field: "a", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, root = filepath.Join(dir, "合同.pdf"), filepath.Join(dir, "root.pem")
	put(t, file, out.Bytes())
	put(t, root, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return file, root
}

func put(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestValid(t *testing.T) {
	file, root := signed(t)
	code, out, _ := run(t, "--language", "zh", "--root", root, file)
	if code != verify.Valid || !strings.Contains(out, "✓ 1. 签名") || !strings.Contains(out, "没有可信时间") {
		t.Errorf("%d\n%s", code, out)
	}
	// A name that turns text around does not get onto the terminal.
	if strings.Contains(out, "\u202e") {
		t.Error("a control character was printed")
	}
	code, out, _ = run(t, "--language", "en", file)
	if code != verify.NotValid || !strings.Contains(out, "nobody you trust issued it") {
		t.Errorf("%d\n%s", code, out)
	}
	code, out, _ = run(t, "--json", "--root", root, file)
	var r struct{ Signatures []struct{ Valid bool } }
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != verify.Valid || len(r.Signatures) != 1 || !r.Signatures[0].Valid {
		t.Errorf("%d %v\n%s", code, err, out)
	}
}

// A file that Poppler signed, whose signature is no DER, is read as well.
func TestOtherTool(t *testing.T) {
	f, err := os.Open(samples + "signed.pdf.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "signed.pdf")
	put(t, path, data)
	code, out, _ := run(t, "--language", "en", path)
	if code != verify.NotValid || !strings.Contains(out, "what was signed is unchanged") || !strings.Contains(out, "Other Signer") {
		t.Errorf("%d\n%s", code, out)
	}
}

func TestCannotCheck(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.pdf")
	put(t, bad, []byte("hello"))
	for want, arguments := range map[string][]string{
		"no PDF":       {"--language", "en", bad},
		"no such file": {"--language", "en", bad + "x"},
		"没有这个文件":       {"--language", "zh", bad + "x"},
		"command line": {"--language", "en"},
		"certificate":  {"--language", "en", "--root", bad, bad},
	} {
		if code, _, faults := run(t, arguments...); code != verify.CannotCheck || !strings.Contains(faults, want) {
			t.Errorf("%v: %d %s", arguments, code, faults)
		}
	}
	if code, out, _ := run(t, "--language", "en", samples+"chromium.pdf"); code != verify.NotValid || !strings.Contains(out, "no signatures") {
		t.Errorf("%d %s", code, out)
	}
}
