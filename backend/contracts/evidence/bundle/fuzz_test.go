package bundle_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"roundtable/backend/contracts/evidence/bundle"
)

// files are those of an empty bundle, with one of them given.
func files(name string, data []byte) map[string][]byte {
	out := map[string][]byte{bundle.PolicyFile: []byte("[]"), bundle.ProofsFile: []byte("[]"), bundle.LeavesFile: nil, bundle.Certificates: nil}
	if name != "" {
		out[name] = data
	}
	hashes := ""
	for n, d := range out {
		sum := sha256.Sum256(d)
		if hashes != "" {
			hashes += ","
		}
		hashes += fmt.Sprintf("%q:%q", n, hex.EncodeToString(sum[:]))
	}
	if name != bundle.Manifest {
		out[bundle.Manifest] = fmt.Appendf(nil, `{"form":"roundtable-evidence-bundle/1","document":{"name":"a","sha256":"%064x","size":1},"files":{%s}}`, 0, hashes)
	}
	return out
}

func FuzzFiles(f *testing.F) {
	f.Add(uint8(0), []byte(`{"form":"roundtable-evidence-bundle/1","files":{}}`))
	f.Add(uint8(1), []byte(`[{"log":{"key":"a+00000000+AA=="},"witnesses":[],"enough":0}]`))
	f.Add(uint8(2), []byte(`[[{"index":1,"leaf":"x","hashes":[],"checkpoint":"a\n1\nAAAA\n\n"}]]`))
	f.Add(uint8(4), []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	names := []string{bundle.Manifest, bundle.PolicyFile, bundle.ProofsFile, bundle.LeavesFile, bundle.Certificates}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		all := files(names[int(which)%len(names)], data)
		b, err := bundle.Parse(func(name string) ([]byte, error) { return all[name], nil })
		if err != nil {
			return
		}
		v, err := bundle.Check(b, bytes.NewReader([]byte("a")), 1)
		if err != nil || v.Good {
			t.Errorf("%v %+v", err, v)
		}
	})
}

func FuzzAttachments(f *testing.F) {
	f.Add([]byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(evidence.json) 4 0 R]>>>>>>endobj 2 0 obj<</Kids[3 0 R]>>endobj 3 0 obj<</Type/Page>>endobj\n" +
		"4 0 obj<</F(evidence.json)/EF<</F 5 0 R>>>>endobj 5 0 obj<</Length 2>>stream\n{}\nendstream endobj trailer<</Root 1 0 R>>"))
	f.Add([]byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 6 0 R>>>>endobj 2 0 obj<</Kids[3 0 R]>>endobj 3 0 obj<</Type/Page>>endobj 6 0 obj<</Kids[6 0 R 6 0 R]>>endobj trailer<</Root 1 0 R>>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, _, _, err := bundle.Judge(bytes.NewReader(data), int64(len(data)))
		if err == nil && v.Good {
			t.Error("bytes of chance are good evidence")
		}
	})
}

// A bundle without entries proves nothing.
func TestEmptyBundle(t *testing.T) {
	all := files("", nil)
	b, err := bundle.Parse(func(name string) ([]byte, error) { return all[name], nil })
	if err != nil {
		t.Fatal(err)
	}
	v, err := bundle.Check(b, bytes.NewReader(nil), 0)
	if err != nil || v.Good || v.Why != bundle.OtherDocument {
		t.Errorf("%v %+v", err, v)
	}
}
