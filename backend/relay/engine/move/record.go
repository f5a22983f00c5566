package move

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
)

// Marks is the kind of record in which a move notes at its target how far it is.
const Marks = "move"

// markOf names a mark: of something in this source.
func (m *mover) markOf(what string, name []byte) string {
	store := m.from.Store()
	sum := key.Hash("roundtable relay move mark v1", store[:], []byte(what), name)
	return hex.EncodeToString(sum[:16])
}

// records copies the kinds named. What this source had at an earlier run and has
// no more is taken away; what the target has of its own stays.
func (m *mover) records(ctx context.Context, kinds []string) error {
	for _, kind := range kinds {
		if kind == Marks {
			return fmt.Errorf("records of kind %q belong to a store", kind)
		}
		keys, err := m.from.RecordKeys(ctx, kind)
		if err != nil {
			return err
		}
		mark := m.markOf("kind", []byte(kind))
		old, err := m.to.Record(ctx, Marks, mark)
		if err != nil && !errors.Is(err, engine.ErrNotFound) {
			return err
		}
		// Noted before it is copied: an interrupted run has noted all it has copied.
		earlier := strings.Fields(string(old))
		all := slices.Compact(slices.Sorted(slices.Values(slices.Concat(earlier, keys))))
		if err := m.note(ctx, mark, old, all); err != nil {
			return err
		}
		for _, k := range all {
			if err := m.record(ctx, kind, k); err != nil {
				return err
			}
		}
		if err := m.note(ctx, mark, []byte(strings.Join(all, " ")), keys); err != nil {
			return err
		}
	}
	return nil
}

// note replaces the list of keys in a mark.
func (m *mover) note(ctx context.Context, mark string, old []byte, keys []string) error {
	text := []byte(strings.Join(slices.Sorted(slices.Values(keys)), " "))
	if bytes.Equal(text, old) {
		return nil
	}
	return m.to.SetRecord(ctx, Marks, mark, text)
}

// record makes one record at the target what it is at the source.
func (m *mover) record(ctx context.Context, kind, k string) error {
	value, err := m.from.Record(ctx, kind, k)
	if errors.Is(err, engine.ErrNotFound) {
		return m.to.SetRecord(ctx, kind, k, nil)
	}
	if err != nil {
		return err
	}
	if there, err := m.to.Record(ctx, kind, k); err == nil && bytes.Equal(there, value) {
		return nil
	} else if err != nil && !errors.Is(err, engine.ErrNotFound) {
		return err
	}
	if value == nil {
		value = []byte{} // empty is not absent
	}
	if err := m.to.SetRecord(ctx, kind, k, value); err != nil {
		return err
	}
	m.did(func(p *Progress) { p.Records++ })
	return nil
}
