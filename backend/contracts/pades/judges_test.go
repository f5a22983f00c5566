package pades_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"roundtable/backend/contracts/pades/tsatest"
)

// judge asks programs that are not ours whether a file is sound and all of its signatures are good.
func judge(t *testing.T, data []byte, signatures int) {
	t.Helper()
	path := soundInPoppler(t, data, signatures)
	if out, err := tool(t, "qpdf", "--check", path); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
	out, _ := tool(t, "mutool", "sign", "-v", path)
	// It knows no authority of ours and says so; the rest must be good.
	if n := strings.Count(out, "unchanged since signing") + strings.Count(out, "signature is valid but"); n != signatures {
		t.Errorf("mutool finds %d good signatures, not %d:\n%s", n, signatures, out)
	}
}

func soundInPoppler(t *testing.T, data []byte, signatures int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := tool(t, "pdfsig", "-nocert", path)
	if n := strings.Count(out, "Signature is Valid."); n != signatures {
		t.Errorf("pdfsig finds %d good signatures, not %d:\n%s", n, signatures, out)
	}
	return path
}

func tool(t *testing.T, name string, arguments ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
	out, err := exec.CommandContext(t.Context(), name, arguments...).CombinedOutput()
	return string(out), err
}

// covered gives what the last signature of a file covers, and its value.
func covered(t *testing.T, data []byte) (content, signature []byte) {
	t.Helper()
	all := regexp.MustCompile(`/ByteRange\s*\[\s*0 (\d+) (\d+) (\d+)\s*\]`).FindAllSubmatch(data, -1)
	if len(all) == 0 {
		t.Fatal("no signature")
	}
	last := all[len(all)-1]
	n := func(i int) int {
		v, err := strconv.Atoi(string(last[i]))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	from, to, rest := n(1), n(2), n(3)
	signature, err := hex.DecodeString(string(bytes.Trim(data[from:to], "<>")))
	if err != nil {
		t.Fatal(err)
	}
	return append(append([]byte{}, data[:from]...), data[to:to+rest]...), signature
}

// opensslAgrees asks openssl about a signature and the chain to a root.
func opensslAgrees(t *testing.T, data []byte, root *x509.Certificate) {
	t.Helper()
	content, signature := covered(t, data)
	dir := t.TempDir()
	put := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca := put("root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}))
	out, err := tool(t, "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", put("sig.der", signature),
		"-content", put("content", content), "-CAfile", ca, "-purpose", "any", "-cades", "-out", os.DevNull)
	if err != nil {
		t.Errorf("openssl cms: %v\n%s", err, out)
	}
}

// opensslStamps asks openssl about the time stamp over a whole document.
func opensslStamps(t *testing.T, data []byte, tsa *tsatest.Authority) {
	t.Helper()
	content, padded := covered(t, data)
	var token asn1.RawValue // zeros follow, and it may end with some of its own
	if _, err := asn1.Unmarshal(padded, &token); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca := put("root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tsa.Root.Raw}))
	out, err := tool(t, "openssl", "ts", "-verify", "-token_in", "-in", put("token.der", token.FullBytes),
		"-data", put("content", content), "-CAfile", ca)
	if err != nil {
		t.Errorf("openssl ts: %v\n%s", err, out)
	}
}
