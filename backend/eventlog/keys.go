package eventlog

import (
	"bytes"
	"context"
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

// Box is a keyring wrapped for one device.
type Box struct {
	Device wire.DeviceID `cbor:"1,keyasint"`
	Sealed []byte        `cbor:"2,keyasint"`
}

type boxes struct {
	Boxes []Box `cbor:"1,keyasint"`
}

type keyring struct {
	Keys [][]byte `cbor:"1,keyasint"`
}

func boxInfo(id wire.SpaceID, device wire.DeviceID) []byte {
	sum := key.Hash("roundtable keyring v1", id[:], device[:])
	return sum[:]
}

// devicesOf lists devices with their sealing keys, by ID.
func devicesOf(parties []space.Party) map[wire.DeviceID][]byte {
	out := map[wire.DeviceID][]byte{}
	for _, p := range parties {
		for _, c := range p.Certificates {
			out[c.Device] = c.Seal
		}
	}
	return out
}

// wrap seals a keyring for devices other than this one.
func (l *Log) wrap(id wire.SpaceID, devices map[wire.DeviceID][]byte, keys [][]byte) ([]Box, error) {
	plain := wire.MustEncode(keyring{Keys: keys})
	var out []Box
	for device, seal := range devices {
		if device == l.self {
			continue
		}
		sealed, err := key.Wrap(seal, boxInfo(id, device), plain)
		if err != nil {
			return nil, fmt.Errorf("wrap keys for %s: %w", device.Short(), err)
		}
		out = append(out, Box{device, sealed})
	}
	slices.SortFunc(out, func(a, b Box) int { return bytes.Compare(a.Device[:], b.Device[:]) })
	return out, nil
}

// unwrap opens a box for this device. Errors: key.ErrSealed, wire.ErrMalformed.
func (l *Log) unwrap(id wire.SpaceID, sealed []byte) ([]key.EpochKey, error) {
	plain, err := l.Opener.Open(boxInfo(id, l.self), sealed)
	if err != nil {
		return nil, err
	}
	var ring keyring
	if err := wire.Decode(plain, wire.MaxBody, &ring); err != nil {
		return nil, err
	}
	if len(ring.Keys) > wire.MaxEpochs {
		return nil, fmt.Errorf("keyring: %w", wire.ErrTooLarge)
	}
	var out []key.EpochKey
	for _, raw := range ring.Keys {
		k, err := key.EpochKeyFromBytes(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

// planFor says what is to be written: parties come in and get all keys; a removal
// uses the present epoch when its key is here.
type planFor struct {
	parties []space.Party
	removal bool
}

// plan is what was wrapped outside the writer, and what it was made from.
type plan struct {
	planFor
	rotate  *key.EpochKey
	members []wire.DeviceID // devices the new epoch was wrapped for
	without []wire.PersonID // members it was not wrapped for
	keys    int             // epoch keys the newcomers' rings were made of
	boxes   []Box
}

// needsEpoch reports whether writing needs a new epoch first.
func (l *Log) needsEpoch(sl *spaceLog, what planFor) bool {
	s := sl.machine.State()
	if _, have := sl.keys[s.Epoch]; !have || what.removal {
		return !have
	}
	return sl.machine.Stale() || !slices.Equal(l.departed(s), l.present(s, s.Without))
}

// departed lists the members of a group, a folder or a register who are gone from its workspace,
// by ID. Only an administrator of it can take them out of it; until one does,
// and when they were the last one themselves, they get no key any more.
func (l *Log) departed(s *space.State) []wire.PersonID {
	parent := l.spaces[s.Workspace]
	if s.Kind != space.Group && s.Kind != space.Folder && s.Kind != space.Register || parent == nil {
		return nil
	}
	var out []wire.PersonID
	for _, m := range s.Members() {
		if in, known := parent.machine.State().Member(m.Person); m.Active && known && !in.Active {
			out = append(out, m.Person)
		}
	}
	return out
}

// present keeps those of a list who are members still.
func (l *Log) present(s *space.State, people []wire.PersonID) []wire.PersonID {
	var out []wire.PersonID
	for _, p := range people {
		if m, ok := s.Member(p); ok && m.Active {
			out = append(out, p)
		}
	}
	return out
}

// recipients are the devices that get a new epoch, and the members who do not.
func (l *Log) recipients(s *space.State) (map[wire.DeviceID][]byte, []wire.PersonID) {
	devices, without := s.Devices(), l.departed(s)
	for _, p := range without {
		m, _ := s.Member(p)
		for _, c := range m.Certificates {
			delete(devices, c.Device)
		}
	}
	return devices, without
}

func (l *Log) plan(id wire.SpaceID, what planFor) (*plan, error) {
	l.mu.RLock()
	sl := l.spaces[id]
	if sl == nil {
		l.mu.RUnlock()
		return nil, ErrUnknownSpace
	}
	p := &plan{planFor: what, keys: len(sl.keys)}
	var members map[wire.DeviceID][]byte
	if l.needsEpoch(sl, what) {
		k := key.NewEpochKey()
		p.rotate = &k
		members, p.without = l.recipients(sl.machine.State())
	}
	ring := sl.ring()
	l.mu.RUnlock()

	var err error
	if p.rotate != nil {
		if p.boxes, err = l.wrap(id, members, [][]byte{p.rotate.Bytes()}); err != nil {
			return nil, err
		}
		p.members, ring = deviceIDs(members), append(ring, p.rotate.Bytes())
	}
	if len(what.parties) > 0 {
		more, err := l.wrap(id, devicesOf(what.parties), ring)
		if err != nil {
			return nil, err
		}
		p.boxes = append(p.boxes, more...)
	}
	return p, nil
}

func deviceIDs(m map[wire.DeviceID][]byte) []wire.DeviceID {
	out := make([]wire.DeviceID, 0, len(m))
	for d := range m {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b wire.DeviceID) int { return bytes.Compare(a[:], b[:]) })
	return out
}

// carryOut writes the boxes and, where needed, begins the new epoch.
func (b *batch) carryOut(p *plan) error {
	sl := b.sl
	if p.rotate == nil {
		if b.l.needsEpoch(sl, p.planFor) || (len(p.boxes) > 0 && p.keys != len(sl.keys)) {
			return errReplan
		}
		return b.writeBoxes(p.boxes)
	}
	members, without := b.l.recipients(sl.machine.State())
	if p.keys != len(sl.keys) || !slices.Equal(p.members, deviceIDs(members)) || !slices.Equal(p.without, without) {
		return errReplan
	}
	if m, _ := sl.machine.State().MemberOf(b.l.self); m.Role < space.Member {
		if _, have := sl.keys[sl.machine.State().Epoch]; !have {
			return errcode.NotReady // a guest cannot begin an epoch; somebody will hand over the key
		}
		return nil
	}
	if err := b.addKey(*p.rotate); err != nil {
		return err
	}
	if err := b.writeBoxes(p.boxes); err != nil {
		return err
	}
	return b.operateWith(*p.rotate, space.Op{Rotate: &space.Rotate{Epoch: p.rotate.ID(), Without: p.without}})
}

// writeBoxes writes keys events, as many as the boxes need.
func (b *batch) writeBoxes(all []Box) error {
	for chunk := range slices.Chunk(all, wire.MaxBoxes) {
		if err := b.writeWith(key.EpochKey{}, envelope.Control, event.Keys, boxes{chunk}); err != nil {
			return err
		}
	}
	return nil
}

// learn takes the keys that a keys event holds for this device.
func (sl *spaceLog) learn(b *batch, ev *event.Event) bool {
	if ev.Feed.Device == b.l.self {
		return false
	}
	var body boxes
	if err := wire.DecodeLoose(ev.Body, wire.MaxBody, &body); err != nil || len(body.Boxes) > wire.MaxBoxes {
		return false
	}
	learned := false
	for _, box := range body.Boxes {
		if box.Device != b.l.self {
			continue
		}
		keys, err := b.l.unwrap(sl.id, box.Sealed)
		if err != nil {
			b.l.Log.Warn("box does not open", "space", sl.id.String(), "from", ev.Feed.Device.Short())
			continue
		}
		for _, k := range keys {
			if _, have := sl.keys[k.ID()]; have {
				continue
			}
			if err := b.addKey(k); err != nil {
				b.l.Log.Error("keep epoch key", "err", err)
				continue
			}
			learned = true
		}
	}
	return learned
}

func (b *batch) addKey(k key.EpochKey) error {
	if len(b.sl.keys) >= wire.MaxEpochs {
		return ErrLimit
	}
	id := k.ID()
	if _, err := b.tx.Exec(`INSERT OR IGNORE INTO log_epoch VALUES(?, ?, ?)`, b.sl.row, id[:], k.Bytes()); err != nil {
		return err
	}
	b.l.mu.Lock()
	b.sl.keys[id] = k
	b.l.mu.Unlock()
	return nil
}

// ring lists all epoch keys of a space.
func (sl *spaceLog) ring() [][]byte {
	out := make([][]byte, 0, len(sl.keys)+1)
	for _, k := range sl.keys {
		out = append(out, bytes.Clone(k.Bytes()))
	}
	slices.SortFunc(out, bytes.Compare)
	return out
}

// BoxFor wraps all epoch keys of a space for a device of a present member.
// Errors: errcode.Forbidden for any other device, ErrUnknownSpace.
func (l *Log) BoxFor(id wire.SpaceID, device wire.DeviceID) ([]byte, error) {
	l.mu.RLock()
	sl := l.spaces[id]
	if sl == nil {
		l.mu.RUnlock()
		return nil, ErrUnknownSpace
	}
	m, in := sl.machine.State().MemberOf(device)
	ring := sl.ring()
	l.mu.RUnlock()
	if !in {
		return nil, errcode.Forbidden
	}
	for _, c := range m.Certificates {
		if c.Device == device {
			return key.Wrap(c.Seal, boxInfo(id, device), wire.MustEncode(keyring{Keys: ring}))
		}
	}
	return nil, errcode.Forbidden
}

// TakeBox keeps the keys of a box for this device and tries again what waited
// for them. A space that is not known yet is begun: the caller answers for it.
func (l *Log) TakeBox(ctx context.Context, id wire.SpaceID, sealed []byte) error {
	keys, err := l.unwrap(id, sealed)
	if err != nil {
		return err
	}
	return l.db.Write(ctx, func(tx *store.Tx) error {
		sl, err := l.ensure(tx, id)
		if err != nil {
			return err
		}
		b := &batch{l: l, tx: tx, sl: sl}
		for _, k := range keys {
			if _, have := sl.keys[k.ID()]; have {
				continue
			}
			if err := b.addKey(k); err != nil {
				return err
			}
			b.retry = true
		}
		return b.finish()
	})
}

// Secret derives a secret that all present and past members of a space share,
// from its first epoch. ok is false while that key is not here.
func (l *Log) Secret(id wire.SpaceID, purpose string) (secret [32]byte, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	if sl == nil || len(sl.machine.State().Epochs) == 0 {
		return secret, false
	}
	k, ok := sl.keys[sl.machine.State().Epochs[0]]
	if !ok {
		return secret, false
	}
	return k.Derive(purpose), true
}

// SealNow seals bytes with the present epoch, for what is never logged.
func (l *Log) SealNow(id wire.SpaceID, header, plain []byte) (wire.EpochID, []byte, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	if sl == nil {
		return wire.EpochID{}, nil, ErrUnknownSpace
	}
	epoch := sl.machine.State().Epoch
	k, ok := sl.keys[epoch]
	if !ok {
		return wire.EpochID{}, nil, errcode.NotReady
	}
	return epoch, k.Seal(header, plain), nil
}

// OpenNow opens what SealNow sealed. Errors: key.ErrSealed, ErrUnknownSpace.
func (l *Log) OpenNow(id wire.SpaceID, epoch wire.EpochID, header, sealed []byte) ([]byte, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	if sl == nil {
		return nil, ErrUnknownSpace
	}
	return sl.keys[epoch].Open(header, sealed)
}
