package keychain

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/text/unicode/norm"

	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

const (
	fileName    = "keys"
	maxFile     = 4096
	fileVersion = 1

	// Costs of scrypt. A file that asks for less than we write was tampered
	// with, one that asks for more than maxLogN would cost memory (1 GiB at 20).
	defaultLogN = 17
	maxLogN     = 20
	scryptR     = 8
	scryptP     = 1
	saltSize    = 16

	purposeSum = "roundtable key file v1"
)

// file is what lies on disk, canonical CBOR.
type file struct {
	Version    uint8         `cbor:"1,keyasint"`
	Protection Protection    `cbor:"2,keyasint"`
	Device     wire.DeviceID `cbor:"3,keyasint"` // public half, to tell a wrong secret
	Account    string        `cbor:"4,keyasint,omitempty"`
	LogN       uint8         `cbor:"5,keyasint,omitempty"`
	Salt       []byte        `cbor:"6,keyasint,omitempty"`
	// Secret is the encoded secret, in a sealed box under a passphrase.
	Secret []byte `cbor:"7,keyasint,omitempty"`
	// Sum is the hash of all else, so that a damaged file is not taken for a
	// wrong passphrase. It is no defence against intent: the box is.
	Sum [32]byte `cbor:"8,keyasint"`
}

// secret is what is protected.
type secret struct {
	Signing []byte `cbor:"1,keyasint"`
	Sealing []byte `cbor:"2,keyasint"`
}

// header is what a box is bound to: all of the file but the box and the sum.
func (f file) header() []byte {
	f.Secret, f.Sum = nil, [32]byte{}
	return wire.MustEncode(f)
}

func (f file) sum() [32]byte {
	f.Sum = [32]byte{}
	return key.Hash(purposeSum, wire.MustEncode(f))
}

func (f file) encode() []byte {
	f.Sum = f.sum()
	return wire.MustEncode(f)
}

// decodeFile reads a file strictly. Errors: ErrDamaged.
func decodeFile(data []byte) (file, error) {
	var f file
	if err := wire.Decode(data, maxFile, &f); err != nil {
		return file{}, damaged(err)
	}
	if f.Sum != f.sum() {
		return file{}, damaged(errors.New("sum differs"))
	}
	if f.Version != fileVersion {
		return file{}, damaged(fmt.Errorf("version %d is not known to this program", f.Version))
	}
	ok := false
	switch f.Protection {
	case OSKeychain:
		ok = f.Account != "" && len(f.Account) <= 64 && len(f.Secret) == 0 && f.LogN == 0 && len(f.Salt) == 0
	case Passphrase:
		ok = f.Account == "" && len(f.Secret) > chacha20poly1305.NonceSizeX && len(f.Salt) == saltSize &&
			f.LogN >= defaultLogN && f.LogN <= maxLogN
	case File:
		ok = f.Account == "" && len(f.Secret) > 0 && f.LogN == 0 && len(f.Salt) == 0
	}
	if !ok {
		return file{}, damaged(errors.New("fields do not fit the protection"))
	}
	return f, nil
}

// readFile loads and checks the file of a profile. No file: fs.ErrNotExist.
func readFile(folder string) (file, error) {
	path := filepath.Join(folder, fileName)
	handle, err := os.Open(path)
	if err != nil {
		return file{}, fmt.Errorf("read key file: %w", err)
	}
	defer handle.Close()
	info, err := handle.Stat()
	if err != nil {
		return file{}, fmt.Errorf("read key file: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(handle, maxFile+1))
	if err != nil {
		return file{}, fmt.Errorf("read key file: %w", err)
	}
	f, err := decodeFile(data)
	if err != nil {
		return file{}, err
	}
	if f.Protection == File {
		if err := private(info); err != nil {
			return file{}, errcode.With(errcode.KeychainUnavailable, err)
		}
	}
	return f, nil
}

func writeFile(folder string, f file) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	return durable.Write(filepath.Join(folder, fileName), 0o600, f.encode())
}

// sealSecret puts a secret under a passphrase into f.
func (f *file) sealSecret(plain []byte, passphrase string) error {
	f.Salt = wire.Random(saltSize)
	k, err := f.passphraseKey(passphrase)
	if err != nil {
		return err
	}
	f.Secret = k.Seal(f.header(), plain)
	return nil
}

// openSecret is the reverse. Errors: errcode.PassphraseWrong.
func (f *file) openSecret(passphrase string) ([]byte, error) {
	k, err := f.passphraseKey(passphrase)
	if err != nil {
		return nil, err
	}
	plain, err := k.Open(f.header(), f.Secret)
	if err != nil {
		return nil, errcode.With(errcode.PassphraseWrong, err)
	}
	return plain, nil
}

// passphraseKey derives the key of the box. The passphrase is composed (NFC)
// first: keyboards differ in how they spell the same characters.
func (f *file) passphraseKey(passphrase string) (key.EpochKey, error) {
	raw, err := scrypt.Key(norm.NFC.Bytes([]byte(passphrase)), f.Salt, 1<<f.LogN, scryptR, scryptP, chacha20poly1305.KeySize)
	if err != nil {
		return key.EpochKey{}, fmt.Errorf("derive key of passphrase: %w", err)
	}
	return key.EpochKeyFromBytes(raw) // the same cipher as epochs: package key picks it
}

// damaged gives the error for a file that cannot be what Create wrote.
func damaged(cause error) error {
	return errcode.With(errcode.KeychainUnavailable, fmt.Errorf("%w: %w", ErrDamaged, cause))
}
