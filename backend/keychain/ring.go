package keychain

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"

	"roundtable/backend/wire"
)

// Ring is the system's keychain: strings of at most 2,560 bytes (the limit of
// Windows) by service and account. Its calls may block; callers here wait with
// a limit.
type Ring interface {
	Set(service, account, value string) error
	// Get gives ErrNoEntry, or the system's own error.
	Get(service, account string) (string, error)
	Delete(service, account string) error
}

// ErrNoEntry is returned by a Ring that works and has no such entry.
var ErrNoEntry = errors.New("not in the keychain")

// maxRingValue is the limit of Windows' Credential Manager. The secret takes
// 144 characters.
const maxRingValue = 2560

// SystemRing is the keychain of the operating system.
type SystemRing struct{}

func (SystemRing) Set(service, account, value string) error {
	return keyring.Set(service, account, value)
}

func (SystemRing) Get(service, account string) (string, error) {
	value, err := keyring.Get(service, account)
	if errors.Is(err, keyring.ErrNotFound) {
		return "", ErrNoEntry
	}
	return value, err
}

func (SystemRing) Delete(service, account string) error { return keyring.Delete(service, account) }

// NoRing is a system without a keychain, for tests and for those who want none.
type NoRing struct{}

var errNoRing = errors.New("no keychain on this system")

func (NoRing) Set(string, string, string) error    { return errNoRing }
func (NoRing) Get(string, string) (string, error)  { return "", errNoRing }
func (NoRing) Delete(string, string) error         { return errNoRing }
func (NoRing) ready(context.Context) error         { return errNoRing }
func (SystemRing) ready(ctx context.Context) error { return systemRingReady(ctx) }
func ringReady(ctx context.Context, ring Ring) (err error) {
	if r, ok := ring.(interface{ ready(context.Context) error }); ok {
		return r.ready(ctx)
	}
	return nil
}

// probeTime bounds the whole probe: a keychain that takes longer to answer, or
// that wants to ask the user something first, is none for a first screen.
const probeTime = 3 * time.Second

// probe finds out by doing whether the ring keeps what it is given.
func probe(ctx context.Context, ring Ring, service string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	if err := ringReady(ctx, ring); err != nil {
		return fmt.Errorf("probe keychain: %w", err)
	}
	account := "probe-" + hex.EncodeToString(wire.Random(8))
	return within(ctx, func() error {
		if err := ring.Set(service, account, account); err != nil {
			return fmt.Errorf("probe keychain: write: %w", err)
		}
		got, err := ring.Get(service, account)
		if err == nil && got != account {
			err = errors.New("another value came back")
		}
		if err != nil {
			return errors.Join(fmt.Errorf("probe keychain: read: %w", err), ring.Delete(service, account))
		}
		if err := ring.Delete(service, account); err != nil {
			return fmt.Errorf("probe keychain: delete: %w", err)
		}
		return nil
	})
}

// within runs a call that knows nothing of contexts. When the context ends
// first, the call is left behind: it can neither be stopped nor waited for.
func within(ctx context.Context, call func() error) error {
	done := make(chan error, 1)
	go func() { done <- call() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for keychain: %w", ctx.Err())
	}
}
