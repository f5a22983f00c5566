package verify_test

import (
	"bytes"
	"crypto/x509"
	"testing"
	"time"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/verify"
)

func TestGood(t *testing.T) {
	d := newDesk(t)
	data := d.signs(contract(), pades.Request{
		Field: "甲方", Place: pades.Place{Page: 1, X: 10, Y: 10, Width: 80, Height: 30}, Name: "李", Reason: "同意",
		Look: &pades.Look{Width: 80, Height: 30, Content: []byte("0 0 80 30 re S")}, At: time.Now(),
	})
	r := d.checks(data)
	if len(r.Signatures) != 1 || r.Pages != 2 || r.Repaired || r.Ambiguous {
		t.Fatalf("%+v", r)
	}
	s := r.Signatures[0]
	if !s.Valid() || !s.Whole || s.Level != "B-B" || s.Root != "远山" || s.Name != "李" || s.Reason != "同意" || s.Field != "甲方" ||
		s.Certificate.Subject.CommonName != "李" || s.Claimed.IsZero() || len(s.Changes) > 0 {
		t.Errorf("%+v", s)
	}
	// A second signature, evidence for later and a stamp over all of it change nothing for the first.
	data = d.signsAs(data, d.person("王"), pades.Request{Field: "乙方", Place: pades.Place{Page: 2, X: 10, Y: 10, Width: 80, Height: 30}, Authority: d.authority()})
	var out bytes.Buffer
	if _, err := pades.Preserve(open(t, data), &out, nil, pades.Evidence{
		Certificates: []*x509.Certificate{d.root, d.tsa.Root}, CRLs: [][]byte{d.revokes(nil, time.Time{})},
	}); err != nil {
		t.Fatal(err)
	}
	data = bytes.Clone(out.Bytes())
	out.Reset()
	if _, err := pades.Stamp(t.Context(), open(t, data), &out, "stamp", d.authority()); err != nil {
		t.Fatal(err)
	}
	r = d.checks(out.Bytes())
	if len(r.Signatures) != 3 {
		t.Fatalf("%+v", r)
	}
	for i, level := range []string{"B-LTA", "B-LTA", ""} {
		if s := r.Signatures[i]; !s.Valid() || s.Level != level || s.Whole != (i == 2) || s.Document != (i == 2) {
			t.Errorf("%d: %+v", i, s)
		}
	}
	if !r.Signatures[1].Stamp.Good() || r.Signatures[0].Stamp != nil {
		t.Error("stamps")
	}
}

func TestNobodyIsTrusted(t *testing.T) {
	d := newDesk(t)
	data := d.signs(contract(), pades.Request{Field: "甲方"})
	d.trust.Roots = nil
	if s := d.checks(data).Signatures[0]; s.Integrity != verify.Intact || s.Standing != verify.Untrusted || s.Valid() {
		t.Errorf("%+v", s)
	}
}

func TestRevoked(t *testing.T) {
	d := newDesk(t)
	stamped := d.signs(contract(), pades.Request{Field: "甲方", Authority: d.authority()})
	plain := d.signs(contract(), pades.Request{Field: "甲方"})
	before, after := time.Now().Add(-time.Minute), time.Now().Add(time.Minute)
	for name, c := range map[string]struct {
		data []byte
		at   time.Time
		want verify.Standing
	}{
		"before the stamp":            {stamped, before, verify.Revoked},
		"after the stamp":             {stamped, after, verify.Trusted},
		"before, without time":        {plain, before, verify.Revoked},
		"later than now, without one": {plain, after, verify.Trusted},
	} {
		d.trust.CRLs = [][]byte{d.revokes(d.li.Chain[0], c.at)}
		if s := d.checks(c.data).Signatures[0]; s.Standing != c.want || s.Integrity != verify.Intact {
			t.Errorf("%s: %s %+v", name, s.Standing, s)
		}
	}
	// A list that somebody else signed says nothing.
	other := newDesk(t)
	d.trust.CRLs = [][]byte{other.revokes(d.li.Chain[0], before)}
	if s := d.checks(plain).Signatures[0]; s.Standing != verify.Trusted {
		t.Errorf("a foreign list: %+v", s)
	}
}

func TestTime(t *testing.T) {
	d := newDesk(t)
	stamped := d.signs(contract(), pades.Request{Field: "甲方", Authority: d.authority()})
	plain := d.signs(contract(), pades.Request{Field: "甲方", At: time.Now()})
	// Years later the certificate is over. Who has a trusted time is still good; the signer's clock proves nothing.
	d.trust.Now = time.Now().Add(3 * 365 * 24 * time.Hour)
	if s := d.checks(stamped).Signatures[0]; !s.Valid() {
		t.Errorf("stamped: %+v", s)
	}
	if s := d.checks(plain).Signatures[0]; s.Standing != verify.Expired {
		t.Errorf("plain: %+v", s)
	}
	// A stamp of somebody whom nobody trusts is no trusted time.
	d.trust.Roots = d.trust.Roots[:1]
	if s := d.checks(stamped).Signatures[0]; s.Stamp.Good() || s.Standing != verify.Expired || s.Level != "B-B" {
		t.Errorf("foreign stamp: %+v", s)
	}
}
