package authority_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roundtable/backend/contracts/authority"
	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
)

func newKey(t *testing.T) crypto.Signer {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var li = authority.Person{Name: "李𠮷", Workspace: "北京远山科技有限公司", Department: "法务部", ID: "per_li", Email: "li@example.org"}

func TestIssued(t *testing.T) {
	now := time.Now()
	rootKey, key := newKey(t), newKey(t)
	root, err := authority.NewRoot(rootKey, li.Workspace, now)
	if err != nil {
		t.Fatal(err)
	}
	c, err := authority.Issue(root, rootKey, key.Public(), li, now, 365*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if c.Subject.CommonName != "李𠮷" || c.Subject.SerialNumber != "per_li" || c.EmailAddresses[0] != "li@example.org" || c.IsCA {
		t.Errorf("%s", c.Subject)
	}
	list, err := authority.List(root, rootKey, 1, []authority.Revocation{{Serial: c.SerialNumber, At: now, Reason: 1}}, now)
	if err != nil {
		t.Fatal(err)
	}
	opensslAgrees(t, root, c, list)
	// What it issues signs a contract, and the judge believes it until it is taken back.
	data, err := os.ReadFile("../pades/testdata/libreoffice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := pades.Sign(t.Context(), f, &out, pades.Identity{Key: key, Chain: []*x509.Certificate{c, root}}, pades.Request{Field: "a"}); err != nil {
		t.Fatal(err)
	}
	trust := verify.Trust{Now: now, Roots: []verify.Root{{Name: "远山", Certificate: root, Signs: true}}}
	for _, want := range []verify.Standing{verify.Trusted, verify.Revoked} {
		r, err := verify.File(bytes.NewReader(out.Bytes()), int64(out.Len()), trust)
		if err != nil || r.Signatures[0].Standing != want {
			t.Errorf("%v %+v", err, r)
		}
		trust.CRLs = [][]byte{list}
		trust.Now = now.Add(time.Minute)
	}
}

func opensslAgrees(t *testing.T, root, c *x509.Certificate, list []byte) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	put := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca, leaf, crl := put("root.pem", "CERTIFICATE", root.Raw), put("li.pem", "CERTIFICATE", c.Raw), put("list.pem", "X509 CRL", list)
	if out, err := exec.CommandContext(t.Context(), "openssl", "verify", "-x509_strict", "-CAfile", ca, leaf).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), "openssl", "verify", "-crl_check", "-CRLfile", crl, "-CAfile", ca, leaf).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "revoked") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestRefused(t *testing.T) {
	now := time.Now()
	key := newKey(t)
	root, err := authority.NewRoot(key, "远山", now)
	if err != nil {
		t.Fatal(err)
	}
	issue := func(p authority.Person, by crypto.Signer, validity time.Duration) error {
		_, err := authority.Issue(root, by, newKey(t).Public(), p, now, validity)
		return err
	}
	for _, name := range []string{"", " 李", "李\n明", strings.Repeat("长", 65), "\xff"} {
		p := li
		if p.Name = name; !errors.Is(issue(p, key, time.Hour), authority.ErrName) {
			t.Errorf("%q is taken", name)
		}
	}
	if err := issue(li, newKey(t), time.Hour); !errors.Is(err, authority.ErrRoot) {
		t.Errorf("by another key: %v", err)
	}
	for _, validity := range []time.Duration{0, -time.Hour, 6 * 365 * 24 * time.Hour} {
		if err := issue(li, key, validity); !errors.Is(err, authority.ErrValidity) {
			t.Errorf("%v: %v", validity, err)
		}
	}
}

// A certificate for a seal is one that common software takes, and it names the seal.
func TestSealCertificate(t *testing.T) {
	now := time.Now()
	rootKey, key := newKey(t), newKey(t)
	root, err := authority.NewRoot(rootKey, li.Workspace, now)
	if err != nil {
		t.Fatal(err)
	}
	right := cms.SealRight{ID: bytes.Repeat([]byte{7}, 32), Outlines: [32]byte{9}}
	c, err := authority.Issue(root, rootKey, key.Public(), authority.Person{Name: "合同专用章", Workspace: li.Workspace, ID: "per_li", Seal: &right}, now, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	got, is := cms.SealOf(c)
	if !is || !bytes.Equal(got.ID, right.ID) || got.Outlines != right.Outlines || c.Subject.CommonName != "合同专用章" || len(c.UnhandledCriticalExtensions) > 0 {
		t.Errorf("%v %v %s", is, got, c.Subject)
	}
	list, err := authority.List(root, rootKey, 1, []authority.Revocation{{Serial: c.SerialNumber, At: now, Reason: 1}}, now)
	if err != nil {
		t.Fatal(err)
	}
	opensslAgrees(t, root, c, list)
	if _, err := authority.Issue(root, rootKey, key.Public(), authority.Person{Name: "章", Workspace: "远山", Seal: &cms.SealRight{ID: []byte("short")}}, now, time.Hour); !errors.Is(err, authority.ErrName) {
		t.Error(err)
	}
}
