package keychain

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/zalando/go-keyring"

	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// fakeRing is a system keychain in memory that can break.
type fakeRing struct {
	mu      sync.Mutex
	entries map[string]string
	err     error
	hang    chan struct{} // when set, calls wait for it
}

func newRing() *fakeRing { return &fakeRing{entries: map[string]string{}} }

func (r *fakeRing) enter() error {
	if r.hang != nil {
		<-r.hang
	}
	return r.err
}

func (r *fakeRing) Set(service, account, value string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries[service+"/"+account] = value
	return r.enter()
}

func (r *fakeRing) Get(service, account string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	value, ok := r.entries[service+"/"+account]
	if !ok && r.err == nil {
		return "", ErrNoEntry
	}
	return value, r.enter()
}

func (r *fakeRing) Delete(service, account string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.entries, service+"/"+account)
	return r.enter()
}

const phrase = "正确 horse 电池"

func open(t *testing.T, folder string, ring Ring) *Chain {
	t.Helper()
	c, err := Open(folder, Options{Ring: ring, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func create(t *testing.T, folder string, ring Ring, p Protection) *Chain {
	t.Helper()
	c := open(t, folder, ring)
	if c.State() != Missing || c.Protection() != None || c.Signer() != nil || c.Opener() != nil {
		t.Fatalf("a new chain: %v %v", c.State(), c.Protection())
	}
	if err := c.Create(t.Context(), p, phrase); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKeysComeBackAfterARestart(t *testing.T) {
	for _, p := range []Protection{OSKeychain, Passphrase, File} {
		t.Run(p.String(), func(t *testing.T) {
			folder, ring := filepath.Join(t.TempDir(), "profile"), newRing()
			first := create(t, folder, ring, p)
			box, err := key.Wrap(first.Opener().SealPublic(), []byte("info"), []byte("hello"))
			if err != nil {
				t.Fatal(err)
			}
			if err := first.Create(t.Context(), p, phrase); !errors.Is(err, errcode.AlreadySetUp) {
				t.Errorf("second Create: %v", err)
			}

			again := open(t, folder, ring)
			if p == Passphrase {
				if again.State() != Locked || again.Signer() != nil {
					t.Fatalf("state %v", again.State())
				}
				if err := again.Unlock(t.Context(), "wrong wrong"); !errors.Is(err, errcode.PassphraseWrong) {
					t.Errorf("wrong passphrase: %v", err)
				}
				if err := again.Unlock(t.Context(), phrase); err != nil {
					t.Fatal(err)
				}
			}
			if again.State() != Unlocked || again.Protection() != p {
				t.Fatalf("%v %v", again.State(), again.Protection())
			}
			if err := again.Unlock(t.Context(), phrase); !errors.Is(err, errcode.NotLocked) {
				t.Errorf("Unlock of open keys: %v", err)
			}
			if again.Signer().Public() != first.Signer().Public() {
				t.Error("another signing key")
			}
			if plain, err := again.Opener().Open([]byte("info"), box); err != nil || string(plain) != "hello" {
				t.Errorf("box: %q %v", plain, err)
			}
			signature, err := again.Signer().Sign(key.ContextEnvelope, []byte("m"))
			if err != nil || key.Verify(first.Signer().Public(), key.ContextEnvelope, []byte("m"), signature) != nil {
				t.Errorf("signature: %v", err)
			}
		})
	}
}

// The secret stands in the clear only where the protection says so, and never in a log or a printed value.
func TestWhereTheSecretIs(t *testing.T) {
	for _, p := range []Protection{OSKeychain, Passphrase, File} {
		folder, ring := t.TempDir(), newRing()
		c := create(t, folder, ring, p)
		seed := c.keys.signing.Seed()
		data, err := os.ReadFile(filepath.Join(folder, fileName))
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(data, seed); got != (p == File) {
			t.Errorf("%v: seed in file: %v", p, got)
		}
		if got := len(ring.entries) == 1; got != (p == OSKeychain) {
			t.Errorf("%v: keychain holds %d entries", p, len(ring.entries))
		}
		for account, value := range ring.entries {
			if len(value) > maxRingValue || !strings.HasPrefix(account, "Roundtable/") {
				t.Errorf("%s: %d characters", account, len(value))
			}
		}
		if text := fmt.Sprintf("%v %+v %#v", c.Signer(), c.Opener(), c.Signer()); strings.Contains(text, fmt.Sprint(seed)) {
			t.Error("a printed signer shows its key")
		}
		if _, ok := c.Signer().(interface{ Seed() []byte }); ok {
			t.Error("the signer gives its key")
		}
		info, err := os.Stat(filepath.Join(folder, fileName))
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", info.Mode())
		}
	}
}

func TestPassphraseLength(t *testing.T) {
	for _, c := range []struct {
		phrase string
		want   errcode.Code
	}{
		{"", errcode.PassphraseTooShort},
		{"七个字不够长", errcode.PassphraseTooShort},
		{"1234567", errcode.PassphraseTooShort},
		{strings.Repeat("a\u0301", 7), errcode.PassphraseTooShort}, // 14 code points that compose to 7
		{strings.Repeat("x", MaxPassphrase+1), errcode.InvalidArgument},
	} {
		chain := open(t, t.TempDir(), NoRing{})
		err := chain.Create(t.Context(), Passphrase, c.phrase)
		if !errors.Is(err, c.want) || chain.State() != Missing {
			t.Errorf("%d bytes: %v, state %v", len(c.phrase), err, chain.State())
		}
	}
	if err := open(t, t.TempDir(), NoRing{}).Create(t.Context(), None, phrase); !errors.Is(err, errcode.InvalidArgument) {
		t.Errorf("no protection: %v", err)
	}
	if err := open(t, t.TempDir(), NoRing{}).Unlock(t.Context(), phrase); !errors.Is(err, errcode.NotReady) {
		t.Errorf("unlock without keys: %v", err)
	}
}

func TestPassphraseMaySpellItsAccentsEitherWay(t *testing.T) {
	folder := t.TempDir()
	if err := open(t, folder, NoRing{}).Create(t.Context(), Passphrase, "caf\u00e9 caf\u00e9"); err != nil {
		t.Fatal(err)
	}
	if err := open(t, folder, NoRing{}).Unlock(t.Context(), "cafe\u0301 cafe\u0301"); err != nil {
		t.Error(err)
	}
}

func TestDamagedFilesAreToldAndKept(t *testing.T) {
	for _, p := range []Protection{OSKeychain, Passphrase, File} {
		folder, ring := t.TempDir(), newRing()
		create(t, folder, ring, p)
		path := filepath.Join(folder, fileName)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		broken := [][]byte{nil, whole[:1], whole[:len(whole)/2], whole[:len(whole)-1], append(bytes.Clone(whole), 0), make([]byte, maxFile+1)}
		for i := 0; i < len(whole); i += 7 {
			b := bytes.Clone(whole)
			b[i] ^= 1
			broken = append(broken, b)
		}
		for _, b := range broken {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(folder, Options{Ring: ring})
			if !errors.Is(err, ErrDamaged) || !errors.Is(err, errcode.KeychainUnavailable) {
				t.Fatalf("%v with %d of %d bytes: %v", p, len(b), len(whole), err)
			}
			if got, _ := os.ReadFile(path); !bytes.Equal(got, b) {
				t.Fatal("the damaged file was changed")
			}
		}
	}
}

func TestAnExposedFileIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("mode bits say nothing on Windows")
	}
	folder := t.TempDir()
	create(t, folder, NoRing{}, File)
	if err := os.Chmod(filepath.Join(folder, fileName), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(folder, Options{Ring: NoRing{}}); !errors.Is(err, ErrExposed) {
		t.Errorf("%v", err)
	}
}

func TestProtectionsSayWhatWorks(t *testing.T) {
	if got := open(t, t.TempDir(), newRing()).Protections(); len(got) != 3 || got[0] != OSKeychain {
		t.Errorf("with a keychain: %v", got)
	}
	broken := newRing()
	broken.err = errors.New("no bus")
	c := open(t, t.TempDir(), broken)
	if got := c.Protections(); len(got) != 2 || got[0] != Passphrase {
		t.Errorf("with a broken keychain: %v", got)
	}
	if err := c.Create(t.Context(), OSKeychain, ""); !errors.Is(err, errcode.KeychainUnavailable) || c.State() != Missing {
		t.Errorf("create in a broken keychain: %v %v", err, c.State())
	}
}

func TestAHangingKeychainHangsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := newRing()
		ring.hang = make(chan struct{})
		defer close(ring.hang)
		c, err := Open("nowhere", Options{Ring: ring})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Protections(); len(got) != 2 {
			t.Errorf("%v", got)
		}
	})
}

func TestAKeychainThatDoesNotAnswerLocks(t *testing.T) {
	folder, ring := t.TempDir(), newRing()
	create(t, folder, ring, OSKeychain)
	ring.err = errors.New("not today")
	c := open(t, folder, ring)
	if c.State() != Locked || c.Protection() != OSKeychain {
		t.Fatalf("%v %v", c.State(), c.Protection())
	}
	if err := c.Unlock(t.Context(), ""); !errors.Is(err, errcode.KeychainUnavailable) {
		t.Errorf("%v", err)
	}
	ring.err = nil
	if err := c.Unlock(t.Context(), ""); err != nil || c.State() != Unlocked {
		t.Errorf("%v %v", err, c.State())
	}
}

func TestAChangedEntryIsDamage(t *testing.T) {
	folder, ring := t.TempDir(), newRing()
	create(t, folder, ring, OSKeychain)
	other := wire.MustEncode(secret{Signing: key.NewSigningKey().Seed(), Sealing: make([]byte, 32)})
	for _, value := range []string{"", "!", base64.StdEncoding.EncodeToString([]byte("x")), base64.StdEncoding.EncodeToString(other)} {
		for k := range ring.entries {
			ring.entries[k] = value
		}
		if _, err := Open(folder, Options{Ring: ring}); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %v", value, err)
		}
	}
	clear(ring.entries)
	if _, err := Open(folder, Options{Ring: ring}); !errors.Is(err, ErrDamaged) {
		t.Errorf("no entry: %v", err)
	}
}

func TestSystemRingSpeaksToTheLibrary(t *testing.T) {
	keyring.MockInit()
	ring := SystemRing{}
	if _, err := ring.Get("s", "a"); !errors.Is(err, ErrNoEntry) {
		t.Errorf("no entry: %v", err)
	}
	if err := ring.Set("s", "a", "v"); err != nil {
		t.Fatal(err)
	}
	if v, err := ring.Get("s", "a"); v != "v" || err != nil {
		t.Errorf("%q %v", v, err)
	}
	if err := ring.Delete("s", "a"); err != nil {
		t.Error(err)
	}
}

func FuzzKeyFile(f *testing.F) {
	plain := wire.MustEncode(secret{Signing: make([]byte, 32), Sealing: make([]byte, 32)})
	for _, seed := range []file{
		{Version: fileVersion, Protection: OSKeychain, Account: "a"},
		{Version: fileVersion, Protection: Passphrase, LogN: defaultLogN, Salt: make([]byte, saltSize), Secret: make([]byte, 100)},
		{Version: fileVersion, Protection: File, Secret: plain},
	} {
		f.Add(seed.encode())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// The sum would keep the fuzzer out: give it the right one where it decodes.
		var mended file
		if wire.Decode(data, maxFile, &mended) == nil {
			data = mended.encode()
		}
		got, err := decodeFile(data)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("uncoded refusal: %v", err)
			}
			return
		}
		if got.LogN > maxLogN {
			t.Errorf("scrypt would take 2^%d", got.LogN)
		}
		if !bytes.Equal(got.encode(), data) {
			t.Error("does not encode to the same bytes")
		}
		_, _ = readKeys(got.Secret, got.Device)
	})
}
