package signers_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"roundtable/backend/clock"
	"roundtable/backend/contracts/authority"
	"roundtable/backend/contracts/signers"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/keychain"
	"roundtable/backend/wire"
)

// ring is a keychain in memory.
type ring struct {
	mu  sync.Mutex
	all map[string]string
}

func (r *ring) Set(_, account, value string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[string]string{}
	}
	r.all[account] = value
	return nil
}

func (r *ring) Get(_, account string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok := r.all[account]; ok {
		return v, nil
	}
	return "", keychain.ErrNoEntry
}

func (r *ring) Delete(_, account string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.all, account)
	return nil
}

var ctx = context.Background()

func open(t *testing.T, folder string, r keychain.Ring) *signers.Signers {
	t.Helper()
	s, err := signers.Open(folder, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.Fast(nil)
}

var person = wire.PersonID{1, 2, 3}

func make1(t *testing.T, s *signers.Signers, w signers.Wanted, password string) signers.Info {
	t.Helper()
	if w.Kind == 0 {
		w.Kind = signers.Person
	}
	w.Person = person
	info, err := s.Make(ctx, w, password)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func verifies(t *testing.T, s *signers.Signers, id, password string) {
	t.Helper()
	who, err := s.Unlock(ctx, id, password)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("合同"))
	sig, err := who.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	switch public := who.Key.Public().(type) {
	case *ecdsa.PublicKey:
		if !ecdsa.VerifyASN1(public, digest[:], sig) {
			t.Fatal("signature does not verify")
		}
	case *rsa.PublicKey:
		if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], sig); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatalf("%T", public)
	}
}

func TestMakeUnlockAndComeBack(t *testing.T) {
	for _, a := range []key.DocumentAlgorithm{"", key.RSA3072} {
		folder, r := filepath.Join(t.TempDir(), "signers"), &ring{}
		s := open(t, folder, r)
		info := make1(t, s, signers.Wanted{Algorithm: a, Workspace: wire.SpaceID{7}}, "密码密码密码")
		if !info.Keychain || !s.Keychain() || info.Workspace != (wire.SpaceID{7}) {
			t.Fatalf("%+v", info)
		}
		request, err := x509.ParseCertificateRequest(info.Request)
		if err != nil || request.CheckSignature() != nil || request.Subject.SerialNumber != person.String() {
			t.Fatalf("request: %v %v", err, request)
		}
		verifies(t, s, info.ID, "密码密码密码")
		verifies(t, open(t, folder, r), info.ID, "密码密码密码")
		if _, err := s.Unlock(ctx, info.ID, "另一个密码吧"); !errors.Is(err, errcode.KeyPasswordWrong) {
			t.Fatal(err)
		}
		if _, err := s.Unlock(ctx, "00", "密码密码密码"); !errors.Is(err, errcode.KeyMissing) {
			t.Fatal(err)
		}
		entry, err := os.Stat(filepath.Join(folder, info.ID+".key"))
		if err != nil || entry.Mode().Perm() != 0o600 {
			t.Fatal(err, entry.Mode())
		}
	}
}

// A copy of the file cannot be guessed at, even by who knows the password.
func TestACopyAloneIsOfNoUse(t *testing.T) {
	folder := t.TempDir()
	info := make1(t, open(t, folder, &ring{}), signers.Wanted{}, "password")
	other := &ring{}
	if _, err := open(t, folder, other).Unlock(ctx, info.ID, "password"); !errors.Is(err, errcode.KeyKeychain) {
		t.Fatal(err)
	}
	// Somebody who puts a secret of their own in its place gets no further.
	other.all = map[string]string{}
	data, err := os.ReadFile(filepath.Join(folder, info.ID+".key"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("password")) {
		t.Fatal("the password is in the file")
	}
	forged := open(t, folder, guess{})
	if _, err := forged.Unlock(ctx, info.ID, "password"); !errors.Is(err, errcode.KeyPasswordWrong) {
		t.Fatal(err)
	}
}

// guess gives some secret for every account.
type guess struct{ keychain.NoRing }

func (guess) Get(string, string) (string, error) {
	return "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", nil
}

func TestWithoutAKeychainItSaysSo(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder, keychain.NoRing{})
	info := make1(t, s, signers.Wanted{}, "password")
	if info.Keychain || s.Keychain() {
		t.Fatal("there is none")
	}
	verifies(t, s, info.ID, "password")
	// With one, the next password is helped by it.
	r := &ring{}
	s = open(t, folder, r)
	info, err := s.ChangePassword(ctx, info.ID, "password", "another password")
	if err != nil || !info.Keychain || len(r.all) != 1 {
		t.Fatal(err, info.Keychain, r.all)
	}
	verifies(t, open(t, folder, r), info.ID, "another password")
	if err := s.Remove(ctx, info.ID); err != nil || len(r.all) != 0 || len(open(t, folder, r).List()) != 0 {
		t.Fatal(err, r.all)
	}
}

func TestPasswords(t *testing.T) {
	s := open(t, t.TempDir(), &ring{})
	if _, err := s.Make(ctx, signers.Wanted{Kind: signers.Person}, "12345"); !errors.Is(err, errcode.PassphraseTooShort) {
		t.Fatal(err)
	}
	info := make1(t, s, signers.Wanted{}, "caf\u00e9 noir") // composed, and typed apart:
	verifies(t, s, info.ID, "cafe\u0301 noir")
	if _, err := s.ChangePassword(ctx, info.ID, "wrong password", "new password"); !errors.Is(err, errcode.KeyPasswordWrong) {
		t.Fatal(err)
	}
	if _, err := s.ChangePassword(ctx, info.ID, "café noir", "short"); !errors.Is(err, errcode.PassphraseTooShort) {
		t.Fatal(err)
	}
	if _, err := s.Unlock(ctx, info.ID, strings.Repeat("x", 5000)); !errors.Is(err, errcode.KeyPasswordWrong) {
		t.Fatal(err)
	}
}

func TestWrongPasswordsHaveToWait(t *testing.T) {
	now := clock.NewFake(time.UnixMilli(1_800_000_000_000))
	s := open(t, t.TempDir(), &ring{}).Fast(now)
	info := make1(t, s, signers.Wanted{}, "password")
	other := make1(t, s, signers.Wanted{}, "password")
	for range 5 {
		if _, err := s.Unlock(ctx, info.ID, "wrong one"); !errors.Is(err, errcode.KeyPasswordWrong) {
			t.Fatal(err)
		}
	}
	for _, wait := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second} {
		if _, err := s.Unlock(ctx, info.ID, "password"); !errors.Is(err, errcode.KeyWait) { // the right one has to wait, too
			t.Fatal(err)
		}
		now.Advance(wait - time.Millisecond)
		if _, err := s.Unlock(ctx, info.ID, "wrong one"); !errors.Is(err, errcode.KeyWait) {
			t.Fatal(wait, err)
		}
		now.Advance(time.Millisecond)
		if _, err := s.Unlock(ctx, info.ID, "wrong one"); !errors.Is(err, errcode.KeyPasswordWrong) {
			t.Fatal(wait, err)
		}
	}
	verifies(t, s, other.ID, "password") // of another key nothing is held back
	now.Advance(time.Hour)
	verifies(t, s, info.ID, "password")
	if _, err := s.Unlock(ctx, info.ID, "wrong one"); !errors.Is(err, errcode.KeyPasswordWrong) {
		t.Fatal(err)
	}
	verifies(t, s, info.ID, "password")
}

func TestImport(t *testing.T) {
	s := open(t, t.TempDir(), &ring{})
	root, err := key.NewDocumentKey(key.P256)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := authority.NewRoot(root.Signer(), "CA", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	mine, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c, err := authority.Issue(ca, root.Signer(), mine.Public(), authority.Person{Name: "王芳", Workspace: "CA", ID: "1"}, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	data, err := pkcs12.Modern.Encode(mine, c, []*x509.Certificate{ca}, "of the file")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(ctx, signers.Wanted{}, data, "wrong", "password"); !errors.Is(err, errcode.KeyFilePassword) {
		t.Fatal(err)
	}
	if _, err := s.Import(ctx, signers.Wanted{}, data[:100], "of the file", "password"); !errors.Is(err, errcode.KeyFileInvalid) {
		t.Fatal(err)
	}
	info, err := s.Import(ctx, signers.Wanted{}, data, "of the file", "password")
	if err != nil || info.Kind != signers.Imported || len(info.Chain) != 2 || info.Algorithm != "RSA 2048" {
		t.Fatalf("%v %+v", err, info)
	}
	verifies(t, s, info.ID, "password")
	if _, err := s.Import(ctx, signers.Wanted{}, data, "of the file", "password"); !errors.Is(err, errcode.KeyFileKnown) {
		t.Fatal("twice:", err)
	}
}

// A key comes out of this package by no road but a box for a device, and only a root's.
func TestNoKeyComesOut(t *testing.T) {
	var log bytes.Buffer
	s, err := signers.Open(t.TempDir(), &ring{}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.Fast(nil)
	info := make1(t, s, signers.Wanted{}, "password")
	who, err := s.Unlock(ctx, info.ID, "password")
	if err != nil {
		t.Fatal(err)
	}
	if _, is := who.Key.(*ecdsa.PrivateKey); is {
		t.Fatal("the key itself")
	}
	if text := fmt.Sprintf("%v %+v %#v %s", who.Key, who.Key, who.Key, log.String()); strings.Contains(text, "0x") || strings.Contains(text, "D:") || strings.Contains(text, "password") {
		t.Fatal(text)
	}
	if _, err := s.HandOver(ctx, info.ID, "password", nil, nil); !errors.Is(err, errcode.InvalidArgument) {
		t.Fatal(err)
	}
}

func TestRootIsHandedOver(t *testing.T) {
	var certificate *x509.Certificate
	from := open(t, t.TempDir(), &ring{})
	info := make1(t, from, signers.Wanted{Kind: signers.Root, Workspace: wire.SpaceID{7}, Certify: func(k crypto.Signer) ([]*x509.Certificate, error) {
		c, err := authority.NewRoot(k, "远山", time.Now())
		certificate = c
		return []*x509.Certificate{c}, err
	}}, "password")
	device, other := key.NewSealingKey(), key.NewSealingKey()
	id := wire.DeviceID{9}
	boxes, err := from.HandOver(ctx, info.ID, "password", []byte("info"), map[wire.DeviceID][]byte{id: device.SealPublic()})
	if err != nil {
		t.Fatal(err)
	}
	to := open(t, t.TempDir(), &ring{})
	take := func(o key.Opener, self wire.DeviceID, info string, box []byte) (signers.Info, error) {
		return to.TakeOver(ctx, o, self, []byte(info), box, certificate, signers.Wanted{Workspace: wire.SpaceID{7}}, "my own one")
	}
	for _, err := range []error{
		second(take(other, id, "info", boxes[id])), second(take(device, wire.DeviceID{8}, "info", boxes[id])), second(take(device, id, "other", boxes[id])),
		second(take(device, id, "info", boxes[id][:40])),
	} {
		if !errors.Is(err, errcode.KeyFileInvalid) {
			t.Fatal(err)
		}
	}
	got, err := take(device, id, "info", boxes[id])
	if err != nil || got.Kind != signers.Root || !got.Certificate().Equal(certificate) {
		t.Fatal(err)
	}
	verifies(t, to, got.ID, "my own one")
}

func second[T any](_ T, err error) error { return err }

func flipped(data []byte, at int) []byte {
	out := bytes.Clone(data)
	out[at] ^= 1
	return out
}

func FuzzFile(f *testing.F) {
	folder := f.TempDir()
	s, err := signers.Open(folder, keychain.NoRing{}, nil)
	if err != nil {
		f.Fatal(err)
	}
	info, err := s.Fast(nil).Make(ctx, signers.Wanted{Kind: signers.Seal, SealID: strings.Repeat("ab", 16)}, "password")
	if err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(folder, info.ID+".key"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		if again, err := signers.Decode(data); err == nil && !bytes.Equal(again, data) {
			t.Fatal("what is read is written otherwise")
		}
	})
}
