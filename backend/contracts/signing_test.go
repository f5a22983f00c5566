package contracts_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"slices"
	"sync"
	"testing"
	"time"

	"roundtable/backend/contracts"
	"roundtable/backend/contracts/authority"
	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/look"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

const password = "right"

// keys is what one person signs with: a key that the office's root certified, and seals that it may use. Of the real ones (packages signers
// and office) it has the contract: which errors, and that nothing is given without the password.
type keys struct {
	o *signing
	d *testspace.Desk
}

// signing is the authority of a story.
type signing struct {
	t      *testing.T
	root   *x509.Certificate
	key    *ecdsa.PrivateKey
	mu     sync.Mutex
	all    map[string]pades.Identity // by person, or by person and seal
	time   *pades.Authority
	uses   []contracts.Use
	seals  map[string][]string // seal to the names of its holders
	people map[string]wire.PersonID
}

func newSigning(t *testing.T) *signing {
	s := &signing{t: t, all: map[string]pades.Identity{}, seals: map[string][]string{}, people: map[string]wire.PersonID{}}
	var err error
	s.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	s.root, err = authority.NewRoot(s.key, "远山", time.Now().Add(-2*time.Hour))
	must(t, err)
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// identity makes a key once, with a certificate.
func (s *signing) identity(id string, p authority.Person) pades.Identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one, is := s.all[id]; is {
		return one
	}
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(s.t, err)
	c, err := authority.Issue(s.root, s.key, k.Public(), p, time.Now().Add(-time.Hour), 300*24*time.Hour)
	must(s.t, err)
	s.all[id] = pades.Identity{Key: k, Chain: []*x509.Certificate{c, s.root}}
	return s.all[id]
}

func (s *signing) of(d *testspace.Desk) (contracts.Keys, contracts.Office) {
	k := &keys{o: s, d: d}
	return k, k
}

// Unlock implements contracts.Keys.
func (k *keys) Unlock(_ context.Context, keyID, given string) (pades.Identity, error) {
	switch {
	case keyID == "":
		return pades.Identity{}, errcode.KeyMissing
	case given != password:
		return pades.Identity{}, errcode.KeyPasswordWrong
	case keyID == "mine":
		return k.o.identity(k.d.Name, authority.Person{Name: k.d.Name, Workspace: "远山", ID: k.d.Person().String()}), nil
	}
	u, err := k.SealFor(context.Background(), wire.SpaceID{}, keyID)
	if err != nil {
		return pades.Identity{}, err
	}
	return k.o.identity(k.d.Name+"/"+keyID, authority.Person{Name: u.Name, Workspace: "远山", ID: k.d.Person().String(),
		Seal: &cms.SealRight{ID: sealBytes(keyID), Outlines: u.Outlines}}), nil
}

// seal1 is the seal of the stories.
const seal1 = "evt_aebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4qa"

func sealBytes(id string) []byte {
	e, _ := wire.ParseEventID(id)
	return e[:]
}

// TimeAuthority implements contracts.Keys.
func (k *keys) TimeAuthority() *pades.Authority {
	k.o.mu.Lock()
	defer k.o.mu.Unlock()
	return k.o.time
}

// SealFor implements contracts.Office.
func (k *keys) SealFor(_ context.Context, _ wire.SpaceID, id string) (contracts.Usable, error) {
	k.o.mu.Lock()
	defer k.o.mu.Unlock()
	if !slices.Contains(k.o.seals[id], k.d.Name) {
		return contracts.Usable{}, errcode.SealForbidden
	}
	drawn, err := look.Drawn("M 5 5 L 95 5 L 95 95 L 5 95 L 5 5", 100, 100)
	return contracts.Usable{ID: id, Name: "公章", KeyID: id, Look: drawn, Outlines: sha256.Sum256(drawn.Content)}, err
}

// SealHolders implements contracts.Office.
func (k *keys) SealHolders(_ context.Context, workspace wire.SpaceID, id string) (string, []wire.PersonID, error) {
	k.o.mu.Lock()
	defer k.o.mu.Unlock()
	var out []wire.PersonID
	for _, name := range k.o.seals[id] {
		out = append(out, k.o.people[name])
	}
	if len(out) == 0 {
		return "", nil, errcode.NotFound
	}
	return "公章", out, nil
}

// SealUsed implements contracts.Office.
func (k *keys) SealUsed(_ context.Context, _ wire.SpaceID, u contracts.Use) error {
	k.o.mu.Lock()
	defer k.o.mu.Unlock()
	// As in a register: once for each document.
	if !slices.ContainsFunc(k.o.uses, func(have contracts.Use) bool { return have.Seal == u.Seal && have.Document == u.Document }) {
		k.o.uses = append(k.o.uses, u)
	}
	return nil
}

// Lists implements contracts.Office.
func (k *keys) Lists(context.Context, wire.SpaceID) ([][]byte, error) {
	list, err := authority.List(k.o.root, k.o.key, 1, nil, time.Now().Add(-time.Minute))
	return [][]byte{list}, err
}

// stamps says who stamps times from now on.
func (s *signing) stamps(a *pades.Authority) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.time = a
}
