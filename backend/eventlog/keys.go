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
func (l *Log) wrap(id wire.SpaceID, devices map[wire.DeviceID][]byte, ring keyring) ([]Box, error) {
	plain := wire.MustEncode(ring)
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

// planFor says what is to be written: parties come in and get all keys, unless newcomers
// see from their joining on; asBefore uses the present epoch when its key is here.
type planFor struct {
	parties  []space.Party
	asBefore bool
}

// plan is what was wrapped outside the writer, and what it was made from.
type plan struct {
	planFor
	rotate   *key.EpochKey
	members  []wire.DeviceID // devices the new epoch was wrapped for
	without  []wire.PersonID // members it was not wrapped for
	outside  []wire.PersonID // members who got what they need of before
	joining  bool            // newcomers see from their joining on
	keys     int             // epoch keys the newcomers' rings were made of
	controls int             // control events likewise
	boxes    []Box
}

// needsEpoch reports whether writing needs a new epoch first.
func (l *Log) needsEpoch(sl *spaceLog, what planFor) bool {
	s := sl.machine.State()
	if _, have := sl.keys[s.Epoch]; !have || what.asBefore {
		return !have
	}
	return sl.machine.Stale() || len(sl.machine.Outside()) > 0 || !slices.Equal(l.departed(s), l.present(s, s.Without))
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

func (l *Log) plan(ctx context.Context, id wire.SpaceID, what planFor) (*plan, error) {
	l.mu.RLock()
	sl := l.spaces[id]
	if sl == nil {
		l.mu.RUnlock()
		return nil, ErrUnknownSpace
	}
	p := &plan{planFor: what, keys: len(sl.keys), joining: sl.machine.State().FromJoining(), controls: sl.machine.Len()}
	var members map[wire.DeviceID][]byte
	newcomers := map[wire.PersonID]map[wire.DeviceID][]byte{}
	if l.needsEpoch(sl, what) {
		k := key.NewEpochKey()
		p.rotate = &k
		s := sl.machine.State()
		members, p.without = l.recipients(s)
		for _, person := range slices.Clone(sl.machine.Outside()) {
			p.outside = append(p.outside, person)
			if m, _ := s.Member(person); !slices.Contains(p.without, person) {
				newcomers[person] = devicesOf([]space.Party{{Certificates: m.Certificates}})
			}
		}
	}
	l.mu.RUnlock()

	var err error
	if p.rotate != nil {
		if p.boxes, err = l.wrap(id, members, keyring{Keys: [][]byte{p.rotate.Bytes()}}); err != nil {
			return nil, err
		}
		p.members = deviceIDs(members)
	}
	for person, devices := range newcomers {
		if err := p.hand(ctx, l, id, &person, devices); err != nil {
			return nil, err
		}
	}
	if len(what.parties) > 0 && !p.joining {
		err = p.hand(ctx, l, id, nil, devicesOf(what.parties))
	}
	return p, err
}

// hand wraps for newcomers what they may have of before; where it is for nobody in
// particular, that is everything, with the key that is new.
func (p *plan) hand(ctx context.Context, l *Log, id wire.SpaceID, person *wire.PersonID, devices map[wire.DeviceID][]byte) error {
	rings, err := l.ringsFor(ctx, id, person)
	if err != nil {
		return err
	}
	if person == nil && p.rotate != nil {
		rings[0].Keys = append(rings[0].Keys, p.rotate.Bytes())
	}
	for _, ring := range rings {
		more, err := l.wrap(id, devices, ring)
		if err != nil {
			return err
		}
		p.boxes = append(p.boxes, more...)
	}
	return nil
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
	if p.joining != sl.machine.State().FromJoining() {
		return errReplan
	}
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
	if now := sl.machine.Outside(); !slices.Equal(p.outside, now) || len(now) > 0 && p.controls != sl.machine.Len() {
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
	for len(all) > 0 {
		n, size := 0, 0
		for n < min(len(all), wire.MaxBoxes) && (n == 0 || size+len(all[n].Sealed) <= maxBoxBytes) {
			size += len(all[n].Sealed)
			n++
		}
		if err := b.writeWith(key.EpochKey{}, envelope.Control, event.Keys, boxes{all[:n]}); err != nil {
			return err
		}
		all = all[n:]
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
		ring, err := b.l.unwrap(sl.id, box.Sealed)
		if err == nil {
			var news bool
			news, err = b.takeRing(ring)
			learned = learned || news
		}
		if err != nil {
			b.l.Log.Warn("box does not open", "space", sl.id.String(), "from", ev.Feed.Device.Short(), "err", err)
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
