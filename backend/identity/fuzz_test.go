package identity_test

import (
	"bytes"
	"errors"
	"testing"

	"roundtable/backend/identity"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

func certificates(t testing.TB) []identity.Certificate {
	first, second, seal := key.NewSigningKey(), key.NewSigningKey(), key.NewSealingKey().SealPublic()
	a, err := identity.Found(first, seal, 1)
	if err != nil {
		t.Fatal(err)
	}
	person, err := identity.Person([]identity.Certificate{a})
	if err != nil {
		t.Fatal(err)
	}
	b, err := identity.Vouch(first, person, second.Public(), seal, 2)
	if err != nil {
		t.Fatal(err)
	}
	return []identity.Certificate{a, b}
}

// FuzzPerson changes a piece of an honest list of certificates: either it stays as
// it was, or it is refused, or it is another person's. (The bytes are patched, not
// made up: an arbitrary list never gets past its first signature.)
func FuzzPerson(f *testing.F) {
	all := certificates(f)
	honest := wire.MustEncode(all)
	id, err := identity.Person(all)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint16(0), uint16(1), []byte{0x82})
	f.Add(uint16(0), uint16(1), []byte{0x81})
	f.Add(uint16(1), uint16(0), []byte{0xa7})
	f.Add(uint16(40), uint16(4), []byte{1, 2, 3, 4})
	f.Add(uint16(2000), uint16(9000), []byte{})
	f.Fuzz(func(t *testing.T, at, cut uint16, put []byte) {
		i := min(int(at), len(honest))
		j := min(i+int(cut), len(honest))
		raw := bytes.Join([][]byte{honest[:i], put, honest[j:]}, nil)
		var list []identity.Certificate
		if wire.Decode(raw, 1<<16, &list) != nil {
			return
		}
		got, err := identity.Person(list)
		if err != nil && !errors.Is(err, identity.ErrCertificate) {
			t.Errorf("an error of no kind: %v", err)
		}
		if err == nil && got == id && len(list) > 1 && !bytes.Equal(raw, honest) {
			t.Errorf("%x at %d was put in and nobody noticed", put, at)
		}
	})
}

func TestPersonRefusals(t *testing.T) {
	all, others := certificates(t), certificates(t)
	id, err := identity.Person(all)
	if err != nil {
		t.Fatal(err)
	}
	if one, _ := identity.Person(all[:1]); one != id {
		t.Error("a second device makes another person")
	}
	change := func(f func(*identity.Certificate)) []identity.Certificate {
		c := all[1]
		f(&c)
		return []identity.Certificate{all[0], c}
	}
	for name, list := range map[string][]identity.Certificate{
		"none":           nil,
		"not founded":    {all[1]},
		"twice the same": {all[0], all[0]},
		"twice":          {all[0], all[1], all[1]},
		"of another":     {all[0], others[1]},
		"wrong order":    {all[1], all[0]},
		"device":         change(func(c *identity.Certificate) { c.Device[0]++ }),
		"issued":         change(func(c *identity.Certificate) { c.Issued++ }),
		"issuer":         change(func(c *identity.Certificate) { c.Issuer = c.Device }),
		"seal":           change(func(c *identity.Certificate) { c.Seal = []byte("short") }),
		"signature":      change(func(c *identity.Certificate) { c.Signature = nil }),
		"person":         change(func(c *identity.Certificate) { c.Person[0]++ }),
		"too many":       make([]identity.Certificate, wire.MaxCertificates+1),
	} {
		if _, err := identity.Person(list); !errors.Is(err, identity.ErrCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f := identity.Fingerprint(all[0].Device); len(f) != 29 || f == identity.Fingerprint(all[1].Device) {
		t.Errorf("fingerprint %q", f)
	}
}
