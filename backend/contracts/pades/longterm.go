package pades

import (
	"context"
	"crypto"
	"crypto/sha1" // the name of an entry, as the specification wants it
	"crypto/x509"
	"encoding/hex"
	"io"
	"strings"

	"roundtable/backend/contracts/pdf"
)

// Evidence is what somebody needs who checks a signature when nobody answers any more.
type Evidence struct {
	Certificates []*x509.Certificate
	CRLs, OCSPs  [][]byte // in DER
}

// Preserve writes a copy of a signed file with a security store (ISO 32000-2, 12.8.4.3; level
// B-LT). signature is the value of the signature (its Contents) that the evidence is for; nothing means all.
func Preserve(f *pdf.File, out io.Writer, signature []byte, e Evidence) (int64, error) {
	o, err := OpenForm(f)
	if err != nil {
		return 0, err
	}
	dss, err := o.update.Dict(o.catalog["DSS"])
	if err != nil {
		return 0, err
	}
	vri, err := o.store(dss, e)
	if err != nil {
		return 0, err
	}
	dss["Type"] = pdf.Name("DSS")
	if len(signature) > 0 {
		sum := sha1.Sum(signature) // see above
		all, err := o.update.Dict(dss["VRI"])
		if err != nil {
			return 0, err
		}
		all[pdf.Name(strings.ToUpper(hex.EncodeToString(sum[:])))] = vri
		dss["VRI"] = all
	}
	if ref, is := o.catalog["DSS"].(pdf.Ref); is {
		o.update.Set(ref, dss)
	} else {
		o.catalog["DSS"] = o.update.Add(dss)
		o.update.Set(o.root, o.catalog)
	}
	return o.write(out)
}

// store adds evidence to a security store and gives the entry that names it for one signature.
func (o *Form) store(dss pdf.Dict, e Evidence) (pdf.Dict, error) {
	var certificates [][]byte
	for _, c := range e.Certificates {
		certificates = append(certificates, c.Raw)
	}
	vri := pdf.Dict{}
	for _, part := range []struct {
		list, one pdf.Name
		data      [][]byte
	}{{"Certs", "Cert", certificates}, {"CRLs", "CRL", e.CRLs}, {"OCSPs", "OCSP", e.OCSPs}} {
		old, err := o.f.Array(dss[part.list])
		if err != nil {
			return nil, err
		}
		var refs pdf.Array
		for _, data := range part.data {
			s, err := pdf.Flate(pdf.Dict{}, data)
			if err != nil {
				return nil, err
			}
			refs = append(refs, o.update.Add(s))
		}
		if len(refs) > 0 {
			dss[part.list], vri[part.one] = append(old[:len(old):len(old)], refs...), refs
		}
	}
	return vri, nil
}

// Stamp writes a copy of a file with a time stamp over all of it (EN 319 142-1, 5.4.3; level
// B-LTA after [Preserve]). field is the name of a field that is made for it and not shown.
func Stamp(ctx context.Context, f *pdf.File, out io.Writer, field string, a *Authority) (*Result, error) {
	o, err := OpenForm(f)
	if err != nil {
		return nil, err
	}
	h := newHoles(stampRoom)
	value := o.update.Add(pdf.Dict{
		"Type": pdf.Name("DocTimeStamp"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.RFC3161"),
		"ByteRange": h.ranges, "Contents": h.signature,
	})
	if err := o.sign(Request{Field: field}, value); err != nil {
		return nil, err
	}
	result := &Result{}
	result.Size, err = seal(f, o.update, out, h, crypto.SHA256, func(digest []byte) ([]byte, error) {
		result.Digest = digest
		token, stamp, err := a.Stamp(ctx, digest)
		result.Stamp = stamp
		return token, err
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}
