package key

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/text/unicode/norm"

	"roundtable/backend/wire"
)

// LockSecret is the size of the second secret of a lock.
const LockSecret = 32

// Lock is how a box under a password is closed. A box may ask for a second secret besides, which is kept elsewhere, so that
// a copy of the box alone cannot be guessed at.
type Lock struct {
	// LogN is the cost of scrypt (RFC 7914) as a power of two, with r = 8 and p = 1: 17 takes 128 MiB.
	LogN uint8
	Salt []byte
}

// The costs that a lock may ask for: a foreign one must not take more memory than there is.
const (
	MinLockLogN = 14
	LockLogN    = 17
	MaxLockLogN = 20
	lockSalt    = 16
)

// NewLock makes a lock of a cost, with a new salt.
func NewLock(logN uint8) Lock { return Lock{LogN: logN, Salt: wire.Random(lockSalt)} }

// Valid tells whether the costs are within bounds.
func (l Lock) Valid() bool {
	return l.LogN >= MinLockLogN && l.LogN <= MaxLockLogN && len(l.Salt) == lockSalt
}

// Key derives the key of the box: HKDF-SHA256 (RFC 5869) over what scrypt makes of the password and, after it, the second
// secret (LockSecret bytes, or none), for a purpose. Without either of the two nothing of it can be told.
// The password is composed (NFC) first: keyboards differ in how they spell the same characters.
// Errors: wire.ErrMalformed for a lock or a secret that is none.
func (l Lock) Key(purpose, password string, secret []byte) (EpochKey, error) {
	if !l.Valid() || len(secret) != 0 && len(secret) != LockSecret {
		return EpochKey{}, fmt.Errorf("derive key of password: %w", wire.ErrMalformed)
	}
	slow, err := scrypt.Key(norm.NFC.Bytes([]byte(password)), l.Salt, 1<<l.LogN, 8, 1, 32)
	if err != nil {
		return EpochKey{}, fmt.Errorf("derive key of password: %w", err)
	}
	raw, err := hkdf.Key(sha256.New, append(slow, secret...), l.Salt, purpose, chacha20poly1305.KeySize)
	if err != nil {
		return EpochKey{}, fmt.Errorf("derive key of password: %w", err)
	}
	return EpochKeyFromBytes(raw)
}
