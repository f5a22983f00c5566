package office_test

import (
	"bytes"
	"crypto/x509"
	"testing"
	"time"

	"roundtable/backend/contracts/authority"
	"roundtable/backend/contracts/office"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// Who was an owner once writes down a root from before the one that people use: it does not count where that one certified somebody.
func TestEarlierRoot(t *testing.T) {
	newRoot := func() (*x509.Certificate, key.DocumentKey) {
		k, err := key.NewDocumentKey(key.P256)
		if err != nil {
			t.Fatal(err)
		}
		c, err := authority.NewRoot(k.Signer(), "远山", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return c, k
	}
	used, _ := newRoot()
	other, _ := newRoot()
	li, zhao := wire.PersonID{1}, wire.PersonID{2}
	all := []office.Said{
		{Stamp: 1, Person: zhao, Kind: office.Founded, Body: map[int]any{1: other.Raw}},
		{Stamp: 7, Person: li, Kind: office.Founded, Body: map[int]any{1: used.Raw}},
	}
	for name, c := range map[string]struct {
		pinned    []byte
		own       bool
		want      *x509.Certificate
		contested bool
	}{
		"nothing is relied on":              {want: other},
		"a key here is certified":           {pinned: used.Raw, want: used, contested: true},
		"the root that counts is relied on": {pinned: other.Raw, want: other},
		"a root here that signed nothing":   {pinned: used.Raw, own: true, want: other},
	} {
		root, contested, others := office.Chosen(all, c.pinned, c.own)
		if !bytes.Equal(root, c.want.Raw) || contested != c.contested {
			t.Errorf("%s: another root, contested %v", name, contested)
		}
		// The one that does not count is shown, with which of the two is the older.
		not := map[*x509.Certificate]*x509.Certificate{used: other, other: used}[c.want]
		if earlier, there := others[string(not.Raw)]; len(others) != 1 || !there || earlier != (not == other) {
			t.Errorf("%s: other roots %v", name, len(others))
		}
	}
}
