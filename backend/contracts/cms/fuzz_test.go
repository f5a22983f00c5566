package cms_test

import (
	"testing"

	"roundtable/backend/contracts/cms"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := cms.Parse(data)
		if err != nil {
			return
		}
		for _, s := range d.Signers {
			c, ok := d.Certificate(s)
			if h, err := s.DigestOf(); ok && err == nil {
				_ = s.Check(c, make([]byte, h.Size()), d.ContentType)
			}
		}
		_, _ = cms.ParseTimeStamp(data)
	})
}
