package contracts

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/form"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
)

// maxHidden bounds how often a document can go round, each time with fields of its own that are not shown.
const maxHidden = 1000

// hiddenField is where a party signs that has no field to sign in; n from 1 is for documents in which those before are taken, since they went
// round as a contract already.
func hiddenField(party uint8, n int) string {
	if n == 1 {
		return fmt.Sprintf("roundtable-party-%02d", party)
	}
	return fmt.Sprintf("roundtable-party-%02d-%d", party, n)
}

// isHidden reports whether a field is one of those of a party.
func isHidden(party uint8, field string) bool {
	first := hiddenField(party, 1)
	rest, is := strings.CutPrefix(field, first+"-")
	n, err := strconv.Atoi(rest)
	return field == first || is && err == nil && n > 1 && field == hiddenField(party, n)
}

// hiddenFields are those that a document gets for parties which may sign without a field that is shown.
func hiddenFields(f *pdf.File, fields []flow.Field, parties []flow.Party) (out []form.Field, err error) {
	taken, err := form.Names(f)
	if err != nil {
		return nil, err
	}
	for _, one := range fields {
		taken[one.ID] = true
	}
	for _, p := range parties {
		if p.Role != flow.Signer || slices.ContainsFunc(fields, func(f flow.Field) bool { return f.Party == p.ID && f.Type == flow.Signature && f.Required }) {
			continue
		}
		for n := range maxHidden {
			if name := hiddenField(p.ID, n+1); !taken[name] {
				out = append(out, form.Field{Name: name, Kind: form.Signature})
				break
			}
		}
	}
	return out, nil
}

// hidden is where a party signs in this document without being seen: in the field that was made for it, or in a new one.
func (w *work) hidden(party uint8) (string, error) {
	p, err := openPaper(w.path)
	if err != nil {
		return "", err
	}
	defer p.Close()
	there, err := form.Names(p.File)
	if err != nil {
		return "", err
	}
	f, err := os.Open(w.path)
	if err != nil {
		return "", diskError(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	signed, err := verify.Signed(f, info.Size())
	if err != nil {
		return "", pdfError(err)
	}
	for n := 1; n < maxHidden; n++ {
		if name := hiddenField(party, n); !there[name] || !signed[name] {
			return name, nil
		}
	}
	return hiddenField(party, maxHidden), nil
}
