package nats

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// storedGrant is a message of GRANTS. The grants of a space carry the tenant of the first.
type storedGrant struct {
	Version   uint64           `cbor:"1,keyasint"`
	Tenant    engine.Tenant    `cbor:"2,keyasint"`
	Raw       []byte           `cbor:"3,keyasint"`
	Signature []byte           `cbor:"4,keyasint"`
	Set       []protocol.Entry `cbor:"5,keyasint,omitempty"`
}

func decodeGrant(data []byte) (g storedGrant, err error) {
	if err := wire.Decode(data, leastPayload, &g); err != nil {
		return g, fmt.Errorf("%w: %w", errStored, err)
	}
	return g, nil
}

// lastGrant gives the last grant of a space and its sequence; version 0 for none.
func (e *Engine) lastGrant(ctx context.Context, space wire.SpaceID) (storedGrant, uint64, error) {
	m, err := e.leaderLast(ctx, streamGrants, grantSubject(space))
	if errors.Is(err, engine.ErrNotFound) {
		return storedGrant{}, 0, nil
	}
	if err != nil {
		return storedGrant{}, 0, err
	}
	g, err := decodeGrant(m.data)
	return g, m.seq, err
}

// AppendGrant stores a grant and the index of what it changes.
func (e *Engine) AppendGrant(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, version uint64, signed protocol.Signed, set []protocol.Entry) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	g := storedGrant{Version: version, Tenant: tenant, Raw: signed.Raw, Signature: signed.Signature, Set: set}
	tried := false // and lost the answer
	err := e.tirelessly(ctx, func(ctx context.Context) error {
		last, seq, err := e.lastGrant(ctx, space)
		if err != nil {
			return err
		}
		if tried && last.Version == version && bytes.Equal(last.Raw, g.Raw) && bytes.Equal(last.Signature, g.Signature) {
			return nil
		}
		if version == 0 || last.Version != version-1 {
			return engine.ErrConflict
		}
		if version > 1 {
			g.Tenant = last.Tenant
		} else if err := e.own(ctx, tenant, space); err != nil {
			return err
		}
		data, err := wire.Encode(g)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		seq, err = e.publish(ctx, grantSubject(space), int64(seq), data)
		if errors.Is(err, errChanged) {
			err = fmt.Errorf("%w: %w", engine.ErrUnavailable, err) // look again who was first
		} else if err != nil {
			tried = true
		}
		e.wakeGrants(seq)
		return err
	})
	if err != nil {
		return fmt.Errorf("append grant: %w", err)
	}
	if err := e.index(ctx, space); err != nil {
		// The grant is stored. Some process finds that the index lacks it; see followGrants.
		e.log.Warn("grant is not indexed yet", "error", err)
	}
	return nil
}

// Grants lists the grants after a version.
func (e *Engine) Grants(ctx context.Context, space wire.SpaceID, after uint64) (out []protocol.Signed, tenant engine.Tenant, err error) {
	grants, tenant, err := e.grantsAfter(ctx, space, after)
	if err != nil {
		return nil, tenant, fmt.Errorf("read grants: %w", err)
	}
	for _, g := range grants {
		out = append(out, protocol.Signed{Raw: g.Raw, Signature: g.Signature})
	}
	return out, tenant, nil
}

// grantsAfter asks the leader for the last one and any replica for those before it.
func (e *Engine) grantsAfter(ctx context.Context, space wire.SpaceID, after uint64) (out []storedGrant, tenant engine.Tenant, err error) {
	err = e.patiently(ctx, func(ctx context.Context) error {
		last, lastSeq, err := e.lastGrant(ctx, space)
		if err != nil {
			return err
		}
		tenant, out = last.Tenant, nil
		if last.Version <= after {
			return nil
		}
		request := getRequest{NextFor: grantSubject(space), Seq: 1, Batch: readPieces, MaxBytes: readBytes}
		for after+1 < last.Version {
			b, err := e.read(ctx, streamGrants, request)
			if err != nil {
				return err
			}
			for _, m := range b.messages {
				g, err := decodeGrant(m.data)
				if err != nil {
					return err
				}
				if request.Seq = m.seq + 1; g.Version > after && m.seq < lastSeq {
					out = append(out, g)
				}
			}
			if request.Seq >= lastSeq || len(out) > 0 && out[len(out)-1].Version+1 == last.Version {
				break
			}
			if len(b.messages) == 0 {
				return fmt.Errorf("replica is behind: %w", engine.ErrUnavailable)
			}
		}
		out = append(out, last)
		return nil
	})
	return out, tenant, err
}

// Listed reads the device's entries, and gives those with rights.
func (e *Engine) Listed(ctx context.Context, device wire.DeviceID, after wire.SpaceID, limit int) ([]wire.SpaceID, error) {
	messages, _, err := e.lastOf(ctx, streamTable, subjectStore, e.table.Load(), listedPrefix(device))
	if err != nil {
		return nil, fmt.Errorf("read listed: %w", err)
	}
	var out [][32]byte
	for _, m := range messages {
		space, ok := undigits(m.subject)
		if _, rights, good := decodeEntry(m.data); !ok || !good {
			return nil, fmt.Errorf("read listed: %w", errStored)
		} else if rights != protocol.RightNone {
			out = append(out, space)
		}
	}
	return spaces(page(out, after, limit)), nil
}

func spaces(ids [][32]byte) []wire.SpaceID {
	out := make([]wire.SpaceID, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

// page sorts, and gives those after one.
func page(ids [][32]byte, after [32]byte, limit int) [][32]byte {
	slices.SortFunc(ids, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	from, found := slices.BinarySearchFunc(ids, after, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	if found {
		from++
	}
	return ids[from:min(len(ids), from+max(limit, 0))]
}

// pageOf lists the IDs below a prefix, by their first hex digit, until there are enough.
func (e *Engine) pageOf(ctx context.Context, stream, prefix, suffix string, after [32]byte, limit int) ([][32]byte, error) {
	var out [][32]byte
	for digit := int(after[0] >> 4); digit < 16 && len(out) < limit; digit++ {
		subjects, err := e.subjects(ctx, stream, prefix+"0123456789abcdef"[digit:digit+1]+".*"+suffix)
		if err != nil {
			return nil, err
		}
		ids := make([][32]byte, 0, len(subjects))
		for _, s := range subjects {
			if id, ok := idAt(s, prefix); ok {
				ids = append(ids, id)
			}
		}
		out = append(out, page(ids, after, limit-len(out))...)
	}
	return out, nil
}

// Lists names the spaces that have grants.
func (e *Engine) Lists(ctx context.Context, after wire.SpaceID, limit int) ([]wire.SpaceID, error) {
	ids, err := e.pageOf(ctx, streamGrants, "gr.", "", after, limit)
	if err != nil {
		return nil, fmt.Errorf("read lists: %w", err)
	}
	return spaces(ids), nil
}

// An entry of the index: the version that wrote it, and the rights.
func encodeEntry(version uint64, rights protocol.Rights) []byte {
	return append(binary.BigEndian.AppendUint64(nil, version), byte(rights))
}

func decodeEntry(data []byte) (version uint64, rights protocol.Rights, ok bool) {
	if len(data) != 9 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint64(data), protocol.Rights(data[8]), true
}
