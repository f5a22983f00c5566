package evidence_test

import (
	"testing"
	"time"

	"roundtable/backend/contracts/evidence"
)

func FuzzParseLeaf(f *testing.F) {
	l, err := evidence.Leaf{Kind: "signed", Contract: "c", Actor: "a", Name: "李", Document: [32]byte{1}, At: time.UnixMilli(5)}.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(l)
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := evidence.ParseLeaf(data)
		if err != nil {
			return
		}
		if again, err := l.Bytes(); err != nil || string(again) != string(data) {
			t.Error("two forms of one entry", err)
		}
	})
}

func FuzzParseProof(f *testing.F) {
	f.Add([]byte(`{"index":0,"leaf":"x","hashes":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],"checkpoint":"a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— a AAAAAA==\n"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := evidence.ParseProof(data)
		if err != nil {
			return
		}
		if _, err := p.Check(evidence.Policy{Log: evidence.Key{Name: "a", Public: make([]byte, 32)}, Enough: 1}); err == nil {
			t.Error("nobody signed it, and it is proven")
		}
	})
}

func FuzzParseKey(f *testing.F) {
	f.Add("a+00000000+AQ==")
	f.Add(evidence.Key{Name: "w", Witness: true, Public: make([]byte, 32)}.String())
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := evidence.ParseKey(text); err == nil && k.String() != text {
			t.Error("two forms of one key")
		}
	})
}
