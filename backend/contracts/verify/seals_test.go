package verify_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
)

var (
	companySeal = []byte("seal-of-yuanshan-1")
	otherSeal   = []byte("seal-of-somebody-1")
	outlines    = []byte("0.8 0 0 rg 10 10 80 80 re f")
)

// holder is somebody with a certificate for a seal.
func (d *desk) holder(id, look []byte) pades.Identity {
	d.t.Helper()
	e, err := cms.SealRight{ID: id, Outlines: sha256.Sum256(look)}.Extension()
	if err != nil {
		d.t.Fatal(err)
	}
	k := newKey(d.t)
	c := d.issue(&x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "远山公章"}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{e},
	}, d.root, k)
	return pades.Identity{Key: k, Chain: []*x509.Certificate{c, d.root}}
}

// impression is a signature that shows a seal.
func impression(claim *pades.SealClaim) pades.Request {
	return pades.Request{
		Field: "盖章", Place: pades.Place{Page: 1, X: 100, Y: 100, Width: 100, Height: 100}, At: time.Now(),
		Look: &pades.Look{Width: 100, Height: 100, Content: outlines}, Seal: claim,
	}
}

func claims(id []byte) *pades.SealClaim { return &pades.SealClaim{ID: id, Name: "公章"} }

func (d *desk) sealStanding(data []byte) (verify.SealStanding, verify.Signature) {
	d.t.Helper()
	all := d.checks(data).Signatures
	if len(all) != 1 {
		d.t.Fatalf("%d signatures", len(all))
	}
	return all[0].SealStanding, all[0]
}

func TestSealByRight(t *testing.T) {
	d := newDesk(t)
	holder := d.holder(companySeal, outlines)
	data := d.signsAs(contract(), holder, impression(claims(companySeal)))
	if got, s := d.sealStanding(data); got != verify.SealRightful || !s.Valid() || !bytes.Equal(s.Seal.ID, companySeal) || s.Seal.Name != "远山公章" {
		t.Errorf("%q %+v", got, s)
	}
	// Where the seal is known it is the same.
	d.trust.Seals = []*x509.Certificate{holder.Chain[0]}
	if got, _ := d.sealStanding(data); got != verify.SealRightful {
		t.Error(got)
	}
	// What shows no seal has none.
	if got, s := d.sealStanding(d.signs(contract(), pades.Request{Field: "a"})); got != verify.NoSeal || s.Seal != nil {
		t.Error(got)
	}
	// Who trusts nobody is told that nobody says who may use it.
	d.trust = verify.Trust{Now: time.Now()}
	if got, s := d.sealStanding(data); got != verify.SealUnknown || s.Valid() {
		t.Error(got)
	}
}

// The look of a seal that is known, by somebody with a certificate of their own, is used without right.
func TestSealWithoutRight(t *testing.T) {
	d := newDesk(t)
	holder := d.holder(companySeal, outlines)
	d.trust.Seals = []*x509.Certificate{holder.Chain[0]}
	for name, data := range map[string][]byte{
		"an ordinary certificate": d.signs(contract(), impression(nil)),
		"within another form": d.signs(contract(), pades.Request{
			Field: "盖章", Place: pades.Place{Page: 1, X: 1, Y: 1, Width: 90, Height: 90},
			Look: &pades.Look{Width: 100, Height: 100, Content: []byte("q /A Do Q"), Resources: pdf.Dict{"XObject": pdf.Dict{
				"A": &pdf.Stream{Dict: pdf.Dict{"Subtype": pdf.Name("Form"), "BBox": pdf.Rect([4]float64{0, 0, 100, 100})}, Data: outlines},
			}}},
		}),
		"the right to another seal": d.signsAs(contract(), d.holder(otherSeal, outlines), impression(claims(otherSeal))),
		"a certificate of another authority": func() []byte {
			other := newDesk(t)
			d.trust.Roots = append(d.trust.Roots, verify.Root{Name: "other", Certificate: other.root, Signs: true})
			return other.signsAs(contract(), other.holder(companySeal, outlines), impression(claims(companySeal)))
		}(),
	} {
		got, s := d.sealStanding(data)
		if got != verify.SealWithoutRight || s.Valid() || s.Integrity != verify.Intact || !bytes.Equal(s.Seal.ID, companySeal) || s.Seal.Name != "远山公章" {
			t.Errorf("%s: %q %+v %+v", name, got, s, s.Seal)
		}
	}
	// The good impression of the same file makes the copied one known, although nobody was told of the seal.
	d.trust.Seals = nil
	twice := d.signsAs(contract(), holder, impression(claims(companySeal)))
	copied := impression(nil)
	copied.Field = "又盖"
	twice = d.signs(twice, copied)
	r := d.checks(twice).Signatures
	if r[0].SealStanding != verify.SealRightful || r[1].SealStanding != verify.SealWithoutRight || r[1].Valid() {
		t.Errorf("%+v\n%+v", r[0], r[1])
	}
}

func TestSealRevoked(t *testing.T) {
	d := newDesk(t)
	holder := d.holder(companySeal, outlines)
	d.trust.CRLs = [][]byte{d.revokes(holder.Chain[0], time.Now().Add(-time.Minute))}
	if got, s := d.sealStanding(d.signsAs(contract(), holder, impression(claims(companySeal)))); got != verify.SealRevoked || s.Valid() {
		t.Errorf("%q %+v", got, s)
	}
}

// A good certificate for a seal makes no other drawing good, whether it is exchanged before or afterwards.
func TestLookExchanged(t *testing.T) {
	d := newDesk(t)
	holder := d.holder(companySeal, outlines)
	other := impression(claims(companySeal))
	other.Look.Content = append(bytes.Clone(outlines), " 0 0 9 9 re f"...)
	if _, err := pades.Sign(t.Context(), open(t, contract()), &bytes.Buffer{}, holder, other); !errors.Is(err, pades.ErrSeal) {
		t.Error("signed:", err)
	}
	data := d.signsAs(contract(), holder, impression(claims(companySeal)))
	data = edits(t, data, func(f *pdf.File, u *pdf.Update) {
		for n := range f.Objects() {
			if w, err := u.Dict(ref(n)); err == nil && w["FT"] == pdf.Name("Sig") {
				w["AP"] = pdf.Dict{"N": u.Add(&pdf.Stream{Dict: pdf.Dict{"Subtype": pdf.Name("Form")}, Data: other.Look.Content})}
				u.Set(ref(n), w)
			}
		}
	})
	_, s := d.sealStanding(data)
	if s.Valid() || len(s.Changes) == 0 || s.Changes[0].Kind != verify.LookChanged {
		t.Errorf("%+v", s)
	}
	// Another program signs whatever it is told to.
	for name, c := range map[string]struct {
		by   pades.Identity
		id   []byte
		look []byte
		want verify.SealStanding
	}{
		"as it should be":              {holder, companySeal, outlines, verify.SealRightful},
		"another look":                 {holder, companySeal, other.Look.Content, verify.SealWithoutRight},
		"claimed without a right":      {d.li, companySeal, other.Look.Content, verify.SealWithoutRight},
		"claimed with another's":       {d.holder(otherSeal, outlines), companySeal, outlines, verify.SealWithoutRight},
		"no claim, and another look":   {holder, nil, other.Look.Content, verify.SealWithoutRight},
		"a claim that cannot be an ID": {d.li, make([]byte, 99), other.Look.Content, verify.SealWithoutRight},
	} {
		if got, s := d.sealStanding(d.elsewhere(c.by, c.id, c.look)); got != c.want || s.Integrity != verify.Intact {
			t.Errorf("%s: %q %+v", name, got, s)
		}
	}
}

func TestSignerRefusesSeals(t *testing.T) {
	d := newDesk(t)
	for name, by := range map[string]pades.Identity{"nobody's": d.li, "of another seal": d.holder(otherSeal, outlines)} {
		if _, err := pades.Sign(t.Context(), open(t, contract()), &bytes.Buffer{}, by, impression(claims(companySeal))); !errors.Is(err, pades.ErrSeal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := pades.Sign(t.Context(), open(t, contract()), &bytes.Buffer{}, d.holder(otherSeal, outlines), pades.Request{Field: "a"}); !errors.Is(err, pades.ErrSeal) {
		t.Errorf("a seal's key for a plain signature: %v", err)
	}
}

// elsewhere signs with a program that is not ours, which refuses nothing.
func (d *desk) elsewhere(by pades.Identity, seal, look []byte) []byte {
	t := d.t
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	base := contract()
	f := open(t, base)
	u := f.Update()
	value, ranges := &pdf.Hole{Size: 16002}, &pdf.Hole{Size: 64}
	sig := pdf.Dict{"Type": pdf.Name("Sig"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.CAdES.detached"), "ByteRange": ranges, "Contents": value}
	if seal != nil {
		sig["RTSeal"] = pdf.Dict{"ID": pdf.String(seal)}
	}
	field := u.Add(pdf.Dict{
		"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"), "FT": pdf.Name("Sig"), "T": pdf.Text("a"), "F": pdf.Int(4), "P": ref(4),
		"Rect": pdf.Rect([4]float64{0, 0, 99, 99}), "V": u.Add(sig),
		"AP": pdf.Dict{"N": u.Add(&pdf.Stream{Dict: pdf.Dict{"Subtype": pdf.Name("Form")}, Data: look})},
	})
	page, err := u.Dict(ref(4))
	if err != nil {
		t.Fatal(err)
	}
	page["Annots"] = pdf.Array{field}
	u.Set(ref(4), page)
	catalog, err := u.Dict(ref(1))
	if err != nil {
		t.Fatal(err)
	}
	form := catalog["AcroForm"].(pdf.Dict).Clone()
	form["Fields"] = append(form["Fields"].(pdf.Array)[:2:2], field)
	catalog["AcroForm"] = form
	u.Set(ref(1), catalog)
	tail, err := u.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	data := append(bytes.Clone(base), tail...)
	to := value.At + int64(value.Size)
	copy(data[ranges.At:], fmt.Sprintf("[0 %d %d %d]", value.At, to, int64(len(data))-to))
	signature := opensslSigns(t, by, append(bytes.Clone(data[:value.At]), data[to:]...))
	hole := data[value.At:to]
	copy(hole, bytes.Repeat([]byte("0"), len(hole)))
	hole[0], hole[len(hole)-1] = '<', '>'
	hex.Encode(hole[1:], signature)
	return data
}

func opensslSigns(t *testing.T, by pades.Identity, content []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	key, err := x509.MarshalECPrivateKey(by.Key.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	out := filepath.Join(dir, "out")
	said, err := exec.CommandContext(t.Context(), "openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-outform", "DER", "-out", out,
		"-in", put("content", content), "-signer", put("c.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: by.Chain[0].Raw})),
		"-inkey", put("k.pem", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: key}))).CombinedOutput()
	if err != nil {
		t.Fatalf("openssl: %v\n%s", err, said)
	}
	signature, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}
