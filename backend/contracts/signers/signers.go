package signers

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/keychain"
	"roundtable/backend/wire"
)

// Kind says what a key is for. Values are written to disk: they are appended, never reordered.
type Kind uint8

const (
	// Person: the person's own, certified by the workspace's authority once it was asked.
	Person Kind = iota + 1
	// Imported: the person's own, certified by somebody else.
	Imported
	// Seal: for the impressions of one seal.
	Seal
	// Root: of the authority of a workspace.
	Root
)

func (k Kind) known() bool { return k >= Person && k <= Root }

// service is the name of the entries in the system's keychain.
const service = "Roundtable signing keys"

// Info is what is public of a key.
type Info struct {
	ID   string // 32 hexadecimal digits
	Kind Kind
	// Algorithm is what people call it: "P-256", "RSA 3072".
	Algorithm string
	// Workspace that it was made for; zero for an imported one.
	Workspace wire.SpaceID
	// SealID and Outlines are those of the seal, for Kind Seal.
	SealID   string
	Outlines [32]byte
	Made     time.Time
	// Public is the public key (SubjectPublicKeyInfo).
	Public []byte
	// Request is a PKCS #10 request signed by the key: proof that whoever asks has it. Its subject's serialNumber is the person.
	Request []byte
	// Chain begins with the certificate; empty without one.
	Chain []*x509.Certificate
	// Keychain says that the password is helped by the system's keychain.
	Keychain bool
}

// Certificate of the key, nil without one.
func (i Info) Certificate() *x509.Certificate {
	if len(i.Chain) == 0 {
		return nil
	}
	return i.Chain[0]
}

// Signers are the keys of one profile. Its methods may be called from several goroutines.
type Signers struct {
	folder string
	ring   *keychain.Secrets
	log    *slog.Logger
	clock  clock.Clock
	logN   uint8

	// one holds a token while scrypt runs.
	one chan struct{}
	// writing is held while files change.
	writing sync.Mutex

	mu    sync.Mutex // guards the rest
	all   map[string]kept
	tries map[string]tries
}

type kept struct {
	file  file
	chain []*x509.Certificate
}

// Open reads the keys in a folder, which is made with the first key. A file that is damaged is left where it is, and its key is
// missing; the log says so. A nil ring is the system's keychain. Errors: the system's.
func Open(folder string, ring keychain.Ring, log *slog.Logger) (*Signers, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Signers{folder: folder, ring: keychain.NewSecrets(ring, service), log: log, clock: clock.System{}, logN: key.LockLogN,
		one: make(chan struct{}, 1), all: map[string]kept{}, tries: map[string]tries{}}
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open signing keys: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		if id, is := strings.CutSuffix(name, suffix+".new"); is {
			durable.Sweep(filepath.Join(folder, id+suffix))
			continue
		}
		if !strings.HasSuffix(name, suffix) || !e.Type().IsRegular() {
			continue
		}
		f, chain, err := s.read(name)
		if err != nil {
			log.Error("signing key is left out", "file", name, "err", err)
			continue
		}
		s.all[f.id()] = kept{f, chain}
	}
	return s, nil
}

// Keychain tells whether the system's keychain helps the passwords of keys that are made now; the first call takes at most 3 s.
func (s *Signers) Keychain() bool { return s.ring.Works() }

// List gives all keys, the newest first.
func (s *Signers) List() []Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Info, 0, len(s.all))
	for _, k := range s.all {
		out = append(out, k.info())
	}
	slices.SortFunc(out, func(a, b Info) int {
		if c := b.Made.Compare(a.Made); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// Info gives one key. Errors: errcode.KeyMissing.
func (s *Signers) Info(id string) (Info, error) {
	k, err := s.get(id)
	if err != nil {
		return Info{}, err
	}
	return k.info(), nil
}

func (s *Signers) get(id string) (kept, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, there := s.all[id]
	if !there {
		return kept{}, errcode.KeyMissing
	}
	return k, nil
}

func (k kept) info() Info {
	i := Info{ID: k.file.id(), Kind: k.file.Kind, Workspace: k.file.Workspace, SealID: hex.EncodeToString(k.file.Seal),
		Made: time.UnixMilli(k.file.Made), Public: slices.Clone(k.file.Public), Request: slices.Clone(k.file.Request),
		Chain: slices.Clone(k.chain), Keychain: k.file.Account != ""}
	copy(i.Outlines[:], k.file.Outlines)
	if public, err := x509.ParsePKIXPublicKey(k.file.Public); err == nil {
		i.Algorithm, _ = key.DocumentPublic(public)
	}
	return i
}

// keep writes a file and takes it in; s.writing is held.
func (s *Signers) keep(f file) (Info, error) {
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return Info{}, fmt.Errorf("keep signing key: %w", err)
	}
	if err := s.write(f); err != nil {
		return Info{}, err
	}
	chain, err := parseChain(f.Chain)
	if err != nil {
		return Info{}, err
	}
	k := kept{f, chain}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[f.id()] = k
	return k.info(), nil
}

// SetCertificate keeps the certificate of a key with those above it. Errors: errcode.KeyMissing, errcode.CertificateUnfit for one of
// another key, errcode.DiskFull.
func (s *Signers) SetCertificate(id string, chain []*x509.Certificate) (Info, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	k, err := s.get(id)
	if err != nil {
		return Info{}, err
	}
	if len(chain) == 0 || len(chain) > maxChain || string(chain[0].RawSubjectPublicKeyInfo) != string(k.file.Public) {
		return Info{}, errcode.CertificateUnfit
	}
	k.file.Chain = nil
	for _, c := range chain {
		if len(c.Raw) > maxDER {
			return Info{}, errcode.CertificateUnfit
		}
		k.file.Chain = append(k.file.Chain, c.Raw)
	}
	return s.keep(k.file)
}

// Remove forgets a key for good. Errors: errcode.KeyMissing, and the system's.
func (s *Signers) Remove(ctx context.Context, id string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	k, err := s.get(id)
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(s.folder, k.file.name())); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove signing key: %w", err)
	}
	if err := durable.SyncFolder(s.folder); err != nil {
		return fmt.Errorf("remove signing key: %w", err)
	}
	s.mu.Lock()
	delete(s.all, id)
	delete(s.tries, id)
	s.mu.Unlock()
	if k.file.Account != "" {
		if err := s.ring.Delete(ctx, k.file.Account); err != nil {
			s.log.Warn("secret of a removed key stays in the keychain", "err", err)
		}
	}
	return nil
}

// SealText is the ID of a seal as Info and Wanted have it.
func SealText(id []byte) string { return hex.EncodeToString(id) }
