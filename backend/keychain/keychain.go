package keychain

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// Protection says where the private keys are and what guards them. Values are
// written to disk: they are appended, never reordered.
type Protection uint8

const (
	// None: there are no keys yet.
	None Protection = iota
	OSKeychain
	Passphrase
	File
)

func (p Protection) String() string {
	switch p {
	case OSKeychain:
		return "os_keychain"
	case Passphrase:
		return "passphrase"
	case File:
		return "file"
	default:
		return "none"
	}
}

// State says what can be done.
type State uint8

const (
	// Missing: no keys yet, Create makes them.
	Missing State = iota
	// Locked: Unlock opens them. With OSKeychain it means that the system's
	// keychain did not answer; Unlock asks it again and looks at no passphrase.
	Locked
	// Unlocked: Signer and Opener work.
	Unlocked
)

const (
	// MinPassphrase and MaxPassphrase bound a passphrase, in characters.
	MinPassphrase = 8
	MaxPassphrase = 1024

	// openTime bounds how long a start waits for the system's keychain, which
	// may be asking the user whether it may answer.
	openTime = 20 * time.Second
)

var (
	// ErrDamaged: the key file, or the entry in the system's keychain, is not
	// what was written. It comes with errcode.KeychainUnavailable.
	ErrDamaged = errors.New("keys are damaged")
	// ErrExposed: others may read the key file. It comes with errcode.KeychainUnavailable.
	ErrExposed = errors.New("key file can be read by others")
)

// Options of a keychain.
type Options struct {
	Log     *slog.Logger // nil: silent
	Service string       // name in the system's keychain; "" is "Roundtable"
	Ring    Ring         // nil: SystemRing
}

// Chain is the keychain of one profile. Its methods may be called from several
// goroutines; one of Create and Unlock runs at a time (scrypt takes 128 MiB).
type Chain struct {
	folder  string
	options Options
	probed  func() error // at most once per process

	busy sync.Mutex // held by Create and Unlock
	mu   sync.Mutex // guards the rest
	file file
	keys *keys // nil unless Unlocked
}

// keys are the keys in memory.
type keys struct {
	signing key.SigningKey
	sealing key.SealingKey
}

// Open opens the keychain of a profile folder, and the keys themselves where
// no passphrase is needed. Errors: errcode.KeychainUnavailable when the file is
// damaged (ErrDamaged) or readable by others (ErrExposed).
func Open(folder string, options Options) (*Chain, error) {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Service == "" {
		options.Service = "Roundtable"
	}
	if options.Ring == nil {
		options.Ring = SystemRing{}
	}
	c := &Chain{folder: folder, options: options}
	c.probed = sync.OnceValue(func() error {
		// Not the context of whoever asks first: the answer is for all.
		return probe(context.Background(), options.Ring, options.Service)
	})
	durable.Sweep(filepath.Join(folder, fileName))
	f, err := readFile(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	c.file = f
	if f.Protection == Passphrase {
		return c, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), openTime)
	defer cancel()
	if err := c.Unlock(ctx, ""); errors.Is(err, ErrDamaged) {
		return nil, err
	} else if err != nil {
		options.Log.Warn("keychain does not answer", "protection", f.Protection.String(), "error", err)
	}
	return c, nil
}

// Protections lists what works on this machine, best first. The first call
// tries the system's keychain and takes at most 3 s.
func (c *Chain) Protections() []Protection {
	if err := c.probed(); err != nil {
		c.options.Log.Info("no system keychain", "error", err)
		return []Protection{Passphrase, File}
	}
	return []Protection{OSKeychain, Passphrase, File}
}

// Protection is the one in use, None before Create.
func (c *Chain) Protection() Protection {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.file.Protection
}

// State says what can be done.
func (c *Chain) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.keys != nil:
		return Unlocked
	case c.file.Protection != None:
		return Locked
	default:
		return Missing
	}
}

// Create makes the keys of this device and keeps them. It returns when they are
// safe on disk. Errors: errcode.AlreadySetUp, errcode.PassphraseTooShort (min),
// errcode.KeychainUnavailable, errcode.DiskFull, errcode.InvalidArgument.
func (c *Chain) Create(ctx context.Context, protection Protection, passphrase string) error {
	c.busy.Lock()
	defer c.busy.Unlock()
	if c.State() != Missing {
		return errcode.AlreadySetUp
	}
	made := keys{key.NewSigningKey(), key.NewSealingKey()}
	sealing, err := made.sealing.Bytes()
	if err != nil {
		return fmt.Errorf("create keys: %w", err)
	}
	plain := wire.MustEncode(secret{Signing: made.signing.Seed(), Sealing: sealing})
	f := file{Version: fileVersion, Protection: protection, Device: made.signing.Public()}
	undo := func() {}
	switch protection {
	case OSKeychain:
		f.Account = hex.EncodeToString(wire.Random(16))
		if err := c.put(ctx, f.Account, plain); err != nil {
			return errcode.With(errcode.KeychainUnavailable, err)
		}
		undo = func() { _ = c.options.Ring.Delete(c.options.Service, f.Account) }
	case Passphrase:
		if err := checkPassphrase(passphrase); err != nil {
			return err
		}
		f.LogN = defaultLogN
		if err := f.sealSecret(plain, passphrase); err != nil {
			return fmt.Errorf("create keys: %w", err)
		}
	case File:
		f.Secret = plain
	default:
		return errcode.InvalidArgument
	}
	if err := writeFile(c.folder, f); err != nil {
		undo()
		return fmt.Errorf("create keys: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.file, c.keys = f, &made
	return nil
}

// Unlock opens the keys. Errors: errcode.NotLocked, errcode.NotReady (Missing),
// errcode.PassphraseWrong, errcode.KeychainUnavailable.
func (c *Chain) Unlock(ctx context.Context, passphrase string) error {
	c.busy.Lock()
	defer c.busy.Unlock()
	switch c.State() {
	case Missing:
		return errcode.NotReady
	case Unlocked:
		return errcode.NotLocked
	}
	f := c.file // nobody writes it while busy is held
	plain, err := f.Secret, error(nil)
	switch f.Protection {
	case OSKeychain:
		plain, err = c.get(ctx, f.Account)
	case Passphrase:
		if utf8.RuneCountInString(passphrase) > MaxPassphrase {
			return errcode.PassphraseWrong
		}
		plain, err = f.openSecret(passphrase)
	}
	if err != nil {
		return err
	}
	opened, err := readKeys(plain, f.Device)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys = &opened
	return nil
}

// readKeys rebuilds the keys from a secret. Errors: ErrDamaged.
func readKeys(plain []byte, device wire.DeviceID) (keys, error) {
	var s secret
	if err := wire.Decode(plain, maxFile, &s); err != nil {
		return keys{}, damaged(errors.New("secret does not decode")) // the cause could quote it
	}
	signing, err := key.SigningKeyFromSeed(s.Signing)
	if err != nil {
		return keys{}, damaged(err)
	}
	sealing, err := key.SealingKeyFromBytes(s.Sealing)
	if err != nil {
		return keys{}, damaged(err)
	}
	if signing.Public() != device {
		return keys{}, damaged(errors.New("secret is of another device"))
	}
	return keys{signing, sealing}, nil
}

func checkPassphrase(passphrase string) error {
	switch n := utf8.RuneCount(norm.NFC.Bytes([]byte(passphrase))); {
	case n < MinPassphrase:
		return errcode.Of(errcode.PassphraseTooShort, "min", MinPassphrase)
	case n > MaxPassphrase:
		return errcode.InvalidArgument
	}
	return nil
}

// put keeps a secret in the system's keychain and reads it back.
func (c *Chain) put(ctx context.Context, account string, plain []byte) error {
	if err := c.probed(); err != nil {
		return err
	}
	value := base64.StdEncoding.EncodeToString(plain)
	if len(value) > maxRingValue {
		return fmt.Errorf("secret of %d characters is beyond the keychain's limit", len(value))
	}
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	ring, service := c.options.Ring, c.options.Service
	return within(ctx, func() error {
		if err := ring.Set(service, account, value); err != nil {
			return fmt.Errorf("keep secret: %w", err)
		}
		if back, err := ring.Get(service, account); err != nil || back != value {
			return errors.Join(errors.New("keep secret: it did not come back"), err, ring.Delete(service, account))
		}
		return nil
	})
}

// get fetches a secret from the system's keychain. Errors: errcode.KeychainUnavailable.
func (c *Chain) get(ctx context.Context, account string) (plain []byte, err error) {
	var value string
	err = within(ctx, func() (err error) {
		value, err = c.options.Ring.Get(c.options.Service, account)
		return err
	})
	if errors.Is(err, ErrNoEntry) {
		return nil, damaged(err)
	}
	if err != nil {
		return nil, errcode.With(errcode.KeychainUnavailable, err)
	}
	plain, err = base64.StdEncoding.DecodeString(value)
	if err != nil {
		return nil, damaged(errors.New("entry is not base64"))
	}
	return plain, nil
}

// Signer signs as this device; nil unless Unlocked.
func (c *Chain) Signer() key.Signer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys == nil {
		return nil
	}
	return signer{c.keys.signing}
}

// Opener opens what was wrapped for this device; nil unless Unlocked.
func (c *Chain) Opener() key.Opener {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys == nil {
		return nil
	}
	return opener{c.keys.sealing}
}

// signer and opener have the verbs of a key and not its bytes, so that nobody
// gets at those by a type assertion.
type signer struct{ key key.SigningKey }

func (s signer) Public() wire.DeviceID { return s.key.Public() }
func (s signer) TLS() crypto.Signer    { return s.key.TLS() }
func (s signer) Sign(context key.Context, message []byte) ([]byte, error) {
	return s.key.Sign(context, message)
}

type opener struct{ key key.SealingKey }

func (o opener) SealPublic() key.SealPublic            { return o.key.SealPublic() }
func (o opener) Open(info, box []byte) ([]byte, error) { return o.key.Open(info, box) }
