package nats

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"roundtable/backend/relay/engine"
)

var recordName = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

func recordSubject(kind, key string) (string, error) {
	if !recordName.MatchString(kind) || !recordName.MatchString(key) {
		return "", fmt.Errorf("record %q of kind %q: not a name", key, kind)
	}
	return "rc." + kind + "." + key, nil
}

// Record asks the leader: a record that was just set is seen.
func (e *Engine) Record(ctx context.Context, kind, key string) (value []byte, err error) {
	subject, err := recordSubject(kind, key)
	if err != nil {
		return nil, err
	}
	err = e.patiently(ctx, func(ctx context.Context) error {
		m, err := e.leaderLast(ctx, streamTable, subject)
		value = m.data
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read record: %w", err)
	}
	return value, nil
}

// SetRecord replaces a record; of two at the same time one remains.
func (e *Engine) SetRecord(ctx context.Context, kind, key string, value []byte) error {
	subject, err := recordSubject(kind, key)
	if err != nil {
		return err
	}
	if value == nil {
		_, err = e.purge(ctx, streamTable, subject, 0)
	} else {
		err = e.patiently(ctx, func(ctx context.Context) error {
			_, err := e.put(ctx, subject, anyLast, value)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("set record: %w", err)
	}
	return nil
}

// RecordKeys lists the keys of a kind, sorted.
func (e *Engine) RecordKeys(ctx context.Context, kind string) ([]string, error) {
	if !recordName.MatchString(kind) {
		return nil, fmt.Errorf("kind %q: %w", kind, engine.ErrNotFound)
	}
	prefix := "rc." + kind + "."
	subjects, err := e.subjects(ctx, streamTable, prefix+"*")
	if err != nil {
		return nil, fmt.Errorf("list records: %w", err)
	}
	for i, s := range subjects {
		subjects[i] = strings.TrimPrefix(s, prefix)
	}
	slices.Sort(subjects)
	return subjects, nil
}
