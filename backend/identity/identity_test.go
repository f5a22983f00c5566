package identity

import (
	"errors"
	"strings"
	"testing"

	"roundtable/backend/key"
	"roundtable/backend/wire"
)

func found(t *testing.T) (key.SigningKey, Certificate, wire.PersonID) {
	t.Helper()
	k := key.NewSigningKey()
	c, err := Found(k, key.NewSealingKey().SealPublic(), 1)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Person([]Certificate{c})
	if err != nil {
		t.Fatal(err)
	}
	return k, c, p
}

func TestDevicesVouchForEachOther(t *testing.T) {
	first, founding, person := found(t)
	second, third := key.NewSigningKey(), key.NewSigningKey()
	vouch := func(by key.SigningKey, who key.SigningKey, person wire.PersonID) Certificate {
		c, err := Vouch(by, person, who.Public(), key.NewSealingKey().SealPublic(), 2)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	b, c := vouch(first, second, person), vouch(second, third, person)
	if p, err := Person([]Certificate{founding, b, c}); err != nil || p != person {
		t.Errorf("a chain of three: %v", err)
	}
	stranger, _, other := found(t)
	forged := b
	forged.Seal = key.NewSealingKey().SealPublic()
	for name, list := range map[string][]Certificate{
		"none":                    nil,
		"not founded":             {b},
		"out of order":            {founding, c, b},
		"by a stranger":           {founding, vouch(stranger, second, person)},
		"of somebody else":        {founding, vouch(first, second, other)},
		"a changed sealing key":   {founding, forged},
		"the same device twice":   {founding, b, b},
		"more than anybody needs": make([]Certificate, wire.MaxCertificates+1),
	} {
		if _, err := Person(list); !errors.Is(err, ErrCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFingerprintCanBeReadAloud(t *testing.T) {
	k, _, _ := found(t)
	f := Fingerprint(k.Public())
	groups := strings.Split(f, " ")
	if len(groups) != 6 || f != Fingerprint(k.Public()) || f == Fingerprint(key.NewSigningKey().Public()) {
		t.Fatal(f)
	}
	for _, g := range groups {
		if len(g) != 4 || strings.ContainsAny(g, "ILOU") {
			t.Errorf("group %q", g)
		}
	}
}
