package verify_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"testing"
	"time"

	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/verify"
)

// A time stamp that came when the certificate was over makes the signature no better.
func TestLateStamp(t *testing.T) {
	d := newDesk(t)
	k := newKey(t)
	c := d.issue(&x509.Certificate{
		SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: "李"}, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Now().Add(-50 * time.Minute), NotAfter: time.Now().Add(-10 * time.Minute),
	}, d.root, k)
	late := pades.Identity{Key: k, Chain: []*x509.Certificate{c, d.root}}
	data := d.signsAs(contract(), late, pades.Request{Field: "甲方", Authority: d.authority(), At: time.Now().Add(-20 * time.Minute)})
	if s := d.checks(data).Signatures[0]; s.Standing != verify.Expired || s.Valid() || !s.Stamp.Good() {
		t.Errorf("%+v", s)
	}
}

// A time stamp of another signature, put beside this one, is about something else.
func TestForeignStamp(t *testing.T) {
	d := newDesk(t)
	request := pades.Request{Field: "甲方", Authority: d.authority()}
	good := d.signs(contract(), request)
	mine := tokenOf(t, d, good)
	for range 200 {
		other := tokenOf(t, d, d.signs(contract(), request))
		if len(other) != len(mine) {
			continue // the length of a signature differs by a byte or two
		}
		data := bytes.Replace(good, hexOf(mine), hexOf(other), 1)
		s := d.checks(data).Signatures[0]
		if bytes.Equal(data, good) || s.Integrity != verify.Intact || s.Stamp.Good() || s.Stamp.Why != verify.StampForeign || s.Level != "B-B" {
			t.Errorf("%+v %+v", s, s.Stamp)
		}
		// Without a good stamp the certificate must be valid now.
		d.trust.Now = time.Now().Add(3 * 365 * 24 * time.Hour)
		if s := d.checks(data).Signatures[0]; s.Standing != verify.Expired {
			t.Errorf("%+v", s)
		}
		return
	}
	t.Fatal("no stamp of this length")
}

func hexOf(b []byte) []byte { return []byte(hex.EncodeToString(b)) }

// tokenOf gives the time stamp beside the only signature of a file.
func tokenOf(t *testing.T, d *desk, data []byte) []byte {
	t.Helper()
	from := bytes.Index(data, []byte("/Contents <")) // pages have references there
	if from < 0 {
		from = bytes.Index(data, []byte("/Contents<"))
	}
	from = from + bytes.IndexByte(data[from:], '<') + 1
	value, err := hex.DecodeString(string(data[from : from+bytes.IndexByte(data[from:], '>')]))
	if err != nil {
		t.Fatal(err)
	}
	m, err := cms.Parse(value)
	if err != nil {
		t.Fatal(err)
	}
	v, ok := m.Signers[0].Unsigned.Get(cms.OIDTimeStampToken)
	if !ok {
		t.Fatal("no stamp")
	}
	return v.FullBytes
}
