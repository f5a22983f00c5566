package eventlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"roundtable/backend/envelope"
	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// maxBoxBytes bounds the boxes of one keys event, unless one alone is larger.
	maxBoxBytes = 512 << 10
	// maxRingSingles bounds the keys of single events in one keyring, which has to fit an event.
	maxRingSingles = 15_000
	// maxSecrets bounds the derived secrets in one keyring.
	maxSecrets = 16
	markSize   = 16
)

// mark names an event to who looks for its key: the first bytes of its ID. That the
// key is the right one shows when it opens.
type mark [markSize]byte

func markOf(id wire.EventID) mark { return mark(id[:markSize]) }

// keyring is what a box holds.
type keyring struct {
	Keys [][]byte `cbor:"1,keyasint"`
	// Singles: mark and key of single events, one after the other, for who may not have
	// the keys of their epochs; in spaces that have an operation at which programs of
	// before stop (decision 0066).
	Singles []byte `cbor:"2,keyasint,omitempty"`
	// Secrets by purpose, that others derive from the first epoch key.
	Secrets map[string][]byte `cbor:"3,keyasint,omitempty"`
}

// ring is a keyring once it is read.
type ring struct {
	keys    []key.EpochKey
	singles map[mark]key.SingleKey
	secrets map[string][32]byte
}

// readRing reads a keyring. Errors: wire.ErrMalformed, wire.ErrTooLarge.
func readRing(plain []byte) (ring, error) {
	out := ring{singles: map[mark]key.SingleKey{}, secrets: map[string][32]byte{}}
	var in keyring
	if err := wire.Decode(plain, wire.MaxBody, &in); err != nil {
		return out, err
	}
	if len(in.Keys) > wire.MaxEpochs || len(in.Singles) > maxRingSingles*(markSize+key.SingleSize) || len(in.Secrets) > maxSecrets {
		return out, fmt.Errorf("keyring: %w", wire.ErrTooLarge)
	}
	if len(in.Singles)%(markSize+key.SingleSize) != 0 {
		return out, fmt.Errorf("keyring: singles: %w", wire.ErrMalformed)
	}
	for _, raw := range in.Keys {
		k, err := key.EpochKeyFromBytes(raw)
		if err != nil {
			return out, err
		}
		out.keys = append(out.keys, k)
	}
	for one := range slices.Chunk(in.Singles, markSize+key.SingleSize) {
		k, err := key.SingleKeyFromBytes(one[markSize:])
		if err != nil {
			return out, err
		}
		out.singles[mark(one)] = k
	}
	for purpose, raw := range in.Secrets {
		if len(raw) != 32 || len(purpose) > 64 {
			return out, fmt.Errorf("keyring: secrets: %w", wire.ErrMalformed)
		}
		out.secrets[purpose] = [32]byte(raw)
	}
	return out, nil
}

// unwrap opens a box for this device. Errors: key.ErrSealed, wire.ErrMalformed, wire.ErrTooLarge.
func (l *Log) unwrap(id wire.SpaceID, sealed []byte) (ring, error) {
	plain, err := l.Opener.Open(boxInfo(id, l.self), sealed)
	if err != nil {
		return ring{}, err
	}
	return readRing(plain)
}

// takeRing keeps what is new of a keyring, and has what waits for it tried again.
func (b *batch) takeRing(r ring) (learned bool, err error) {
	for _, k := range r.keys {
		if _, have := b.sl.keys[k.ID()]; have {
			continue
		}
		if err := b.addKey(k); err != nil {
			return learned, err
		}
		learned = true
	}
	for m, k := range r.singles {
		if _, have := b.sl.singles[m]; have || len(b.sl.singles) >= wire.MaxAside {
			continue
		}
		if _, err := b.tx.Exec(`INSERT OR IGNORE INTO log_single VALUES(?, ?, ?)`, b.sl.row, m[:], k.Bytes()); err != nil {
			return learned, err
		}
		b.l.mu.Lock()
		b.sl.singles[m] = k
		b.l.mu.Unlock()
		learned = true
	}
	for purpose, secret := range r.secrets {
		if _, have := b.sl.secrets[purpose]; have || !slices.Contains(b.l.Purposes, purpose) {
			continue
		}
		if _, err := b.tx.Exec(`INSERT OR IGNORE INTO log_secret VALUES(?, ?, ?)`, b.sl.row, purpose, secret[:]); err != nil {
			return learned, err
		}
		b.l.mu.Lock()
		b.sl.secrets[purpose] = secret
		b.l.mu.Unlock()
	}
	b.retry, b.learned = b.retry || learned, b.learned || learned
	return learned, nil
}

// dropSingle forgets the key of a single event that does not open it: another may.
func (b *batch) dropSingle(id wire.EventID) {
	m := markOf(id)
	if _, err := b.tx.Exec(`DELETE FROM log_single WHERE space = ? AND event = ?`, b.sl.row, m[:]); err != nil {
		b.l.Log.Error("forget the key of an event", "err", err)
	}
	b.l.mu.Lock()
	delete(b.sl.singles, m)
	b.l.mu.Unlock()
}

// BoxesFor wraps for a device of a present member all that it may have: the epoch keys of a
// space; where newcomers see from their joining on, and it is one, those that are for it, and
// the keys of single events without which it could not tell what the space is. The first box
// holds what a beginning needs.
// Errors: errcode.Forbidden for any other device, ErrUnknownSpace.
func (l *Log) BoxesFor(ctx context.Context, id wire.SpaceID, device wire.DeviceID) (boxes [][]byte, sum [32]byte, err error) {
	var seal []byte
	var person wire.PersonID
	err = l.View(id, func(s *space.State) {
		m, in := s.MemberOf(device)
		for _, c := range m.Certificates {
			if in && c.Device == device {
				seal, person = c.Seal, m.Person
			}
		}
	})
	if err != nil {
		return nil, sum, err
	}
	if seal == nil {
		return nil, sum, errcode.Forbidden
	}
	rings, err := l.ringsFor(ctx, id, &person)
	if err != nil {
		return nil, sum, err
	}
	for _, r := range rings {
		plain := wire.MustEncode(r)
		box, err := key.Wrap(seal, boxInfo(id, device), plain)
		if err != nil {
			return nil, sum, err
		}
		boxes, sum = append(boxes, box), key.Hash("roundtable rings v1", sum[:], plain)
	}
	return boxes, sum, nil
}

// BoxFor is the first of BoxesFor.
func (l *Log) BoxFor(id wire.SpaceID, device wire.DeviceID) ([]byte, error) {
	boxes, _, err := l.BoxesFor(context.Background(), id, device)
	if err != nil {
		return nil, err
	}
	return boxes[0], nil
}

// TakeBox keeps the keys of a box for this device and tries again what waited
// for them. A space that is not known yet is begun: the caller answers for it.
func (l *Log) TakeBox(ctx context.Context, id wire.SpaceID, sealed []byte) error {
	ring, err := l.unwrap(id, sealed)
	if err != nil {
		return err
	}
	return l.db.Write(ctx, func(tx *store.Tx) error {
		sl, err := l.ensure(tx, id)
		if err != nil {
			return err
		}
		b := &batch{l: l, tx: tx, sl: sl}
		if _, err := b.takeRing(ring); err != nil {
			return err
		}
		return b.finish()
	})
}

// ringsFor lists what a person may have of a space, at least one keyring; for nil, who
// comes in where newcomers get everything.
func (l *Log) ringsFor(ctx context.Context, id wire.SpaceID, person *wire.PersonID) ([]keyring, error) {
	l.mu.RLock()
	sl := l.spaces[id]
	if sl == nil {
		l.mu.RUnlock()
		return nil, ErrUnknownSpace
	}
	joining, all := sl.machine.State().FromJoining(), true
	var reach space.Reach
	if joining {
		if person == nil { // the mode was set this moment
			l.mu.RUnlock()
			return []keyring{{}}, nil
		}
		reach = sl.machine.Reach(*person)
		all = reach.All()
	}
	first := keyring{}
	given := map[wire.EpochID]bool{}
	for e, k := range sl.keys {
		if all || reach.Holds(e) {
			given[e] = true
			first.Keys = append(first.Keys, bytes.Clone(k.Bytes()))
		}
	}
	slices.SortFunc(first.Keys, bytes.Compare)
	single := !all || len(sl.singles) > 0 // we may be one who lacks keys ourselves
	if single {
		first.Secrets = l.secretsOf(sl)
	}
	l.mu.RUnlock()
	if !single {
		return []keyring{first}, nil
	}
	list, err := l.singles(ctx, id, sl)
	if err != nil {
		return nil, err
	}
	return spread(first, list, given), nil
}

// spread puts keys of single events into as many keyrings as they need.
func spread(first keyring, list []single, given map[wire.EpochID]bool) []keyring {
	out := []keyring{first}
	n := 0
	for _, one := range list {
		if given[one.epoch] {
			continue
		}
		if n == maxRingSingles {
			out, n = append(out, keyring{}), 0
		}
		last := &out[len(out)-1]
		last.Singles = append(append(last.Singles, one.mark[:]...), one.key.Bytes()...)
		n++
	}
	return out
}

func (l *Log) secretsOf(sl *spaceLog) map[string][]byte {
	var out map[string][]byte
	for _, purpose := range l.Purposes {
		if secret, ok := sl.secret(purpose); ok {
			if out == nil {
				out = map[string][]byte{}
			}
			out[purpose] = secret[:]
		}
	}
	return out
}

// Secret derives a secret that all present and past members of a space share,
// from its first epoch. ok is false while that key is not here.
func (l *Log) Secret(id wire.SpaceID, purpose string) (secret [32]byte, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	if sl == nil {
		return secret, false
	}
	return sl.secret(purpose)
}

func (sl *spaceLog) secret(purpose string) (secret [32]byte, ok bool) {
	epochs := sl.machine.State().Epochs
	if len(epochs) == 0 {
		return secret, false
	}
	if k, have := sl.keys[epochs[0]]; have {
		return k.Derive(purpose), true
	}
	secret, ok = sl.secrets[purpose]
	return secret, ok
}

// errClosed: neither an epoch key nor a key of its own is here for a body.
var errClosed = errors.New("no key is here")

// closed opens nothing.
type closed struct{}

func (closed) Open(_, _ []byte) ([]byte, error) { return nil, errClosed }

// opener gives what opens an envelope's body. own is set when that is a key for it alone.
func (sl *spaceLog) opener(env envelope.Envelope) (o event.Opener, own bool) {
	if k, known := sl.keys[env.Epoch]; known || env.Epoch.IsZero() {
		return k, false
	}
	if k, known := sl.singles[markOf(env.ID)]; known {
		return k, true
	}
	return closed{}, false
}
