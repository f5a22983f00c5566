package signers

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
)

const (
	// freeTries is how many wrong passwords in a row cost no waiting.
	freeTries = 5
	firstWait = 2 * time.Second
	longest   = 5 * time.Minute
)

// tries counts wrong passwords of a key since the last right one.
type tries struct {
	wrong int
	until time.Time // before it, nothing is tried
}

// Unlock opens a key for signing. A key without a certificate gives an identity without a chain, which signs no document; whether the
// certificate is good is for the caller to ask.
// Errors: errcode.KeyMissing, errcode.KeyPasswordWrong, errcode.KeyWait (seconds) after five wrong passwords,
// errcode.KeyKeychain when the other half of the secret cannot be had.
func (s *Signers) Unlock(ctx context.Context, id, password string) (pades.Identity, error) {
	k, private, _, err := s.open(ctx, id, password)
	if err != nil {
		return pades.Identity{}, err
	}
	return pades.Identity{Key: private.Signer(), Chain: k.info().Chain}, nil
}

// ChangePassword closes a key under another password. Errors: those of Unlock, errcode.PassphraseTooShort (min), errcode.DiskFull.
func (s *Signers) ChangePassword(ctx context.Context, id, old, password string) (Info, error) {
	if err := checkPassword(password); err != nil {
		return Info{}, err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	k, private, secret, err := s.open(ctx, id, old)
	if err != nil {
		return Info{}, err
	}
	before := k.file.Account
	if err := s.close(ctx, &k.file, private, password, secret); err != nil {
		return Info{}, err
	}
	info, err := s.keep(k.file)
	if err != nil && k.file.Account != before {
		err = errors.Join(err, s.forget(ctx, k.file.Account))
	}
	return info, err
}

// open opens the box of a key, and gives the second secret besides.
func (s *Signers) open(ctx context.Context, id, password string) (k kept, private key.DocumentKey, secret []byte, err error) {
	if k, err = s.get(id); err != nil {
		return k, private, nil, err
	}
	if utf8.RuneCountInString(password) > MaxPassword {
		return k, private, nil, errcode.KeyPasswordWrong
	}
	if k.file.Account != "" {
		if secret, err = s.ring.Get(ctx, k.file.Account); err != nil {
			return k, private, nil, errcode.With(errcode.KeyKeychain, err)
		}
	}
	plain, err := s.try(ctx, id, &k.file, password, secret)
	if err != nil {
		return k, private, nil, err
	}
	private, err = key.DocumentKeyFromBytes(plain)
	clear(plain)
	return k, private, secret, err
}

// try tries one password, when its turn has come.
func (s *Signers) try(ctx context.Context, id string, f *file, password string, secret []byte) ([]byte, error) {
	if err := s.turn(ctx); err != nil {
		return nil, err
	}
	defer func() { <-s.one }()
	if err := s.mayTry(id); err != nil {
		return nil, err
	}
	box, err := f.lock().Key(purposeBox, password, secret)
	if err != nil {
		return nil, err
	}
	plain, err := box.Open(f.header(), f.Box)
	s.tried(id, err == nil)
	if err != nil {
		return nil, errcode.KeyPasswordWrong
	}
	return plain, nil
}

// turn waits until nobody else derives a key.
func (s *Signers) turn(ctx context.Context) error {
	select {
	case s.one <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a turn: %w", ctx.Err())
	}
}

func (s *Signers) derive(ctx context.Context, f *file, password string, secret []byte) (key.EpochKey, error) {
	if err := s.turn(ctx); err != nil {
		return key.EpochKey{}, err
	}
	defer func() { <-s.one }()
	return f.lock().Key(purposeBox, password, secret)
}

func (s *Signers) mayTry(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if left := s.tries[id].until.Sub(s.clock.Now()); left > 0 {
		return errcode.Of(errcode.KeyWait, "seconds", int(min(left, longest)/time.Second)+1)
	}
	return nil
}

func (s *Signers) tried(id string, right bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if right {
		delete(s.tries, id)
		return
	}
	t := s.tries[id]
	t.wrong++
	if t.wrong >= freeTries {
		t.until = s.clock.Now().Add(min(longest, firstWait<<min(t.wrong-freeTries, 10)))
	}
	s.tries[id] = t
}
