package keyfile_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"roundtable/backend/contracts/keyfile"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
)

// made is a file as OpenSSL writes it, with a root and a person, and what it is encrypted with.
func made(t testing.TB, kind []string, options ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	run := func(arguments ...string) {
		c := exec.CommandContext(t.Context(), "openssl", arguments...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", arguments, err, out)
		}
	}
	run(append([]string{"req", "-x509", "-nodes", "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=Licensed CA", "-days", "30", "-newkey"}, kind...)...)
	run(append([]string{"req", "-nodes", "-keyout", "li.key", "-out", "li.csr", "-subj", "/CN=Li", "-newkey"}, kind...)...)
	run("x509", "-req", "-in", "li.csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "5", "-days", "20", "-out", "li.pem")
	run(append([]string{"pkcs12", "-export", "-inkey", "li.key", "-in", "li.pem", "-certfile", "root.pem", "-out", "li.p12", "-passout", "pass:密码 1"}, options...)...)
	data, err := os.ReadFile(filepath.Join(dir, "li.p12"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestFilesOfAuthorities(t *testing.T) {
	ec, rsa := []string{"ec", "-pkeyopt", "ec_paramgen_curve:P-256"}, []string{"rsa:2048"}
	for name, data := range map[string][]byte{
		"P-256": made(t, ec), "RSA": made(t, rsa), "old": made(t, rsa, "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"),
	} {
		id, err := keyfile.Open(data, "密码 1")
		if err != nil || len(id.Chain) != 2 || id.Chain[0].Subject.CommonName != "Li" {
			t.Errorf("%s: %v %v", name, err, id.Chain)
			continue
		}
		signsWith(t, name, id)
		if _, err := keyfile.Open(data, "密码 2"); !errors.Is(err, keyfile.ErrPassword) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := keyfile.Open(data[:len(data)/2], "密码 1"); !errors.Is(err, keyfile.ErrUnreadable) {
			t.Errorf("%s, cut: %v", name, err)
		}
	}
}

// A file may ask for more work than anybody waits for.
func TestDearFile(t *testing.T) {
	data := made(t, []string{"ec", "-pkeyopt", "ec_paramgen_curve:P-256"}, "-iter", "2048")
	count := []byte{2, 2, 8, 0}
	if !bytes.Contains(data, count) {
		t.Fatal("where is the count?")
	}
	if bad := bytes.ReplaceAll(data, count, []byte{2, 2, 0x7f, 0xff}); bytes.Equal(bad, data) {
		t.Fatal("nothing was changed")
	} else if _, err := keyfile.Open(bad, "密码 1"); !errors.Is(err, keyfile.ErrPassword) && !errors.Is(err, keyfile.ErrUnreadable) {
		t.Error(err)
	}
	dear := made(t, []string{"ec", "-pkeyopt", "ec_paramgen_curve:P-256"}, "-iter", "5000001", "-nomaciter")
	if _, err := keyfile.Open(dear, "密码 1"); !errors.Is(err, keyfile.ErrUnreadable) {
		t.Error(err)
	}
}

func signsWith(t *testing.T, name string, id pades.Identity) {
	t.Helper()
	sample, err := os.ReadFile("../pades/testdata/libreoffice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	f, err := pdf.Open(bytes.NewReader(sample), int64(len(sample)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := pades.Sign(t.Context(), f, &out, id, pades.Request{Field: "a"}); err != nil {
		t.Fatal(err)
	}
	trust := verify.Trust{Now: time.Now(), Roots: []verify.Root{{Name: "CA", Certificate: id.Chain[len(id.Chain)-1], Signs: true}}}
	r, err := verify.File(bytes.NewReader(out.Bytes()), int64(out.Len()), trust)
	if err != nil || !r.Signatures[0].Valid() {
		t.Errorf("%s: %v %+v", name, err, r)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(made(f, []string{"ec", "-pkeyopt", "ec_paramgen_curve:P-256"}), "密码 1")
	f.Fuzz(func(t *testing.T, data []byte, password string) {
		id, err := keyfile.Open(data, password)
		if err == nil && (id.Key == nil || len(id.Chain) == 0 || (*x509.Certificate)(nil) == id.Chain[0]) {
			t.Error("half of an identity")
		}
	})
}
