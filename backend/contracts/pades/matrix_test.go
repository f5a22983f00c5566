package pades_test

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/x509"
	"testing"
	"time"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pades/tsatest"
)

// inputs are files as real programs write them, by name: how many signatures they have already.
func inputs() map[string]int {
	return map[string]int{
		"chromium.pdf": 0, "libreoffice.pdf": 0, "form.pdf": 0, "ghostscript.pdf": 0, "mupdf.pdf": 0, "objstm.pdf": 0,
		"linear.pdf": 0, "rot90.pdf": 0, "rot180.pdf": 0, "rot270.pdf": 0, "signed.pdf.gz": 1,
	}
}

// Every kind of file, with every kind of key, at every level, is good to programs that are not ours.
func TestMatrix(t *testing.T) {
	o, tsa := newOffice(t), tsatest.New(t)
	keys := map[string]crypto.Signer{"P-256": p256(t), "P-384": curve(t, elliptic.P384()), "RSA": rsa2048(t)}
	for name, before := range inputs() {
		for kind, key := range keys {
			t.Run(name+"/"+kind, func(t *testing.T) {
				id := o.person(t, "李𠮷䶮𬭎", key)
				request := pades.Request{
					Field: "甲方签字", Place: pades.Place{Page: 1, X: 60, Y: 100, Width: 120, Height: 40}, Look: look(),
					Name: "李𠮷䶮𬭎", Reason: "同意", Location: "北京", At: time.Now(),
				}
				data := signed(t, sample(t, name), id, request)
				judge(t, data, before+1)
				opensslAgrees(t, data, o.root)

				request.Field, request.Place.Y = "乙方签字", 160
				request.Authority = &pades.Authority{URL: tsa.URL, Roots: tsa.Pool()}
				data = signed(t, data, o.person(t, "王五", key), request)
				judge(t, data, before+2)
				opensslAgrees(t, data, o.root)

				data = preserved(t, data, o, tsa)
				judge(t, data, before+2)
				data = stamped(t, data, request.Authority)
				opensslStamps(t, data, tsa)
			})
		}
	}
}

func preserved(t *testing.T, data []byte, o *office, tsa *tsatest.Authority) []byte {
	t.Helper()
	_, value := covered(t, data)
	var out bytes.Buffer
	size, err := pades.Preserve(open(t, data), &out, value, pades.Evidence{Certificates: []*x509.Certificate{o.root, tsa.Root}})
	if err != nil || size != int64(out.Len()) || !bytes.HasPrefix(out.Bytes(), data) {
		t.Fatal(err)
	}
	return out.Bytes()
}

func stamped(t *testing.T, data []byte, a *pades.Authority) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := pades.Stamp(t.Context(), open(t, data), &out, "stamp", a); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
