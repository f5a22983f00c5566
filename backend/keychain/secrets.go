package keychain

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
)

// Secrets keeps small secrets in the system's keychain for other packages, with limits of time. A system whose keychain
// does not work is found out once.
type Secrets struct {
	ring    Ring
	service string
	probed  func() error
}

// NewSecrets gives the secrets of a service; a nil ring is the system's.
func NewSecrets(ring Ring, service string) *Secrets {
	if ring == nil {
		ring = SystemRing{}
	}
	return &Secrets{ring: ring, service: service, probed: sync.OnceValue(func() error {
		return probe(context.Background(), ring, service) // not the context of whoever asks first
	})}
}

// Works tells whether the keychain keeps what it is given; the first call takes at most 3 s.
func (s *Secrets) Works() bool { return s.probed() == nil }

// Put keeps a secret and reads it back. It is bounded by 20 s. Errors: those of the ring.
func (s *Secrets) Put(ctx context.Context, account string, secret []byte) error {
	if err := s.probed(); err != nil {
		return err
	}
	value := base64.StdEncoding.EncodeToString(secret)
	if len(value) > maxRingValue {
		return fmt.Errorf("secret of %d characters is beyond the keychain's limit", len(value))
	}
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	return within(ctx, func() error {
		if err := s.ring.Set(s.service, account, value); err != nil {
			return fmt.Errorf("keep secret: %w", err)
		}
		if back, err := s.ring.Get(s.service, account); err != nil || back != value {
			return errors.Join(errors.New("keep secret: it did not come back"), err, s.ring.Delete(s.service, account))
		}
		return nil
	})
}

// Get gives a secret. It is bounded by 20 s, since the system may be asking somebody first.
// Errors: ErrNoEntry, and those of the ring.
func (s *Secrets) Get(ctx context.Context, account string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	type answer struct {
		value string
		err   error
	}
	said := make(chan answer, 1) // what comes too late is left in it
	go func() {
		v, err := s.ring.Get(s.service, account)
		said <- answer{v, err}
	}()
	select {
	case a := <-said:
		if a.err != nil {
			return nil, fmt.Errorf("fetch secret: %w", a.err)
		}
		out, err := base64.StdEncoding.DecodeString(a.value)
		if err != nil {
			return nil, errors.New("fetch secret: it is damaged") // the cause could quote it
		}
		return out, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("fetch secret: %w", ctx.Err())
	}
}

// Delete forgets a secret.
func (s *Secrets) Delete(ctx context.Context, account string) error {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	return within(ctx, func() error { return s.ring.Delete(s.service, account) })
}
