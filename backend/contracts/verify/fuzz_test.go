package verify_test

import (
	"bytes"
	"testing"
	"time"

	"roundtable/backend/contracts/verify"
)

func FuzzFile(f *testing.F) {
	f.Add(contract())
	f.Add([]byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>endobj 2 0 obj<</Kids[3 0 R]>>endobj 3 0 obj<</Type/Page>>endobj\n" +
		"4 0 obj<</FT/Sig/T(a)/V 5 0 R>>endobj 5 0 obj<</SubFilter/ETSI.CAdES.detached/ByteRange[0 9 13 9]/Contents<00>>>endobj trailer<</Root 1 0 R>>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := verify.File(bytes.NewReader(data), int64(len(data)), verify.Trust{Now: time.Unix(1, 0)})
		if err != nil {
			return
		}
		signed, err := verify.Signed(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Errorf("checked, and its fields cannot be read: %v", err)
		}
		if _, err := verify.Filled(bytes.NewReader(data), int64(len(data))); err != nil {
			t.Errorf("checked, and its values cannot be read: %v", err)
		}
		for _, s := range r.Signatures {
			if !signed[s.Field] {
				t.Errorf("signature in %q, which is not signed", s.Field)
			}
			if s.Valid() {
				t.Error("nobody is trusted, and it is valid")
			}
		}
	})
}
