package switchboard

import (
	"math/rand/v2"
	"time"

	"roundtable/backend/wire"
)

const (
	maxTargets   = 4096
	maxPerDevice = 8
	maxAddress   = 256
	backoffMin   = 500 * time.Millisecond
	backoffMax   = 60 * time.Second
	// perTarget stretches the back-off so that all targets together are dialled
	// at most twice a second in the long run.
	perTarget = 500 * time.Millisecond
	// heardCap is the longest wait for an address that discovery still hears of.
	heardCap = 10 * time.Second
	// flapping is a link's life that counts as a failure.
	flapping     = 5 * time.Second
	maxWrong     = 3
	forgetKnown  = 24 * time.Hour
	forgetUnsure = 10 * time.Minute
)

// book is the addresses to dial. Its fields are guarded by Board.mu.
type book struct {
	targets map[targetKey]*target
	owner   map[string]wire.DeviceID // who answered at an address last
	wake    chan struct{}
}

type targetKey struct {
	addr string
	want wire.DeviceID // zero: whoever is there
}

type target struct {
	targetKey
	fails, wrong int
	next         time.Time
	heard        time.Time // when we were last told of it, or it last worked
	busy, self   bool
}

func newBook() book {
	return book{targets: map[targetKey]*target{}, owner: map[string]wire.DeviceID{}, wake: make(chan struct{}, 1)}
}

// poke makes the dial loop look again.
func (k *book) poke() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// add takes an address in, or notes that it was heard of again.
func (k *book) add(addr string, want wire.DeviceID, now time.Time, within time.Duration) {
	if addr == "" || len(addr) > maxAddress {
		return
	}
	key := targetKey{addr, want}
	if t := k.targets[key]; t != nil {
		t.heard = now
		if t.self {
			return
		}
		if latest := now.Add(jitter(heardCap)); t.next.After(latest) {
			t.next = latest
		}
		return
	}
	k.makeRoom(want)
	k.targets[key] = &target{targetKey: key, heard: now, next: now.Add(time.Duration(rand.Int64N(int64(within) + 1)))}
}

// makeRoom drops the target longest not heard of, of one device and of all.
func (k *book) makeRoom(want wire.DeviceID) {
	var mine, any *target
	count := 0
	for _, t := range k.targets {
		if t.busy {
			continue
		}
		if any == nil || t.heard.Before(any.heard) {
			any = t
		}
		if t.want == want && !want.IsZero() {
			count++
			if mine == nil || t.heard.Before(mine.heard) {
				mine = t
			}
		}
	}
	switch {
	case count >= maxPerDevice:
		delete(k.targets, mine.targetKey)
	case len(k.targets) >= maxTargets && any != nil:
		delete(k.targets, any.targetKey)
	}
	if len(k.owner) > maxTargets {
		for addr := range k.owner { // any will do: it costs one dial to learn it again
			delete(k.owner, addr)
			break
		}
	}
}

// device is who is expected at a target, zero when nobody knows.
func (k *book) device(t *target) wire.DeviceID {
	if t.want.IsZero() {
		return k.owner[t.addr]
	}
	return t.want
}

// lost makes a device's addresses due again after its last link ended. The
// junior waits a little, so that the two sides seldom meet in the middle.
func (k *book) lost(device wire.DeviceID, now time.Time, lived time.Duration, junior bool) {
	for _, t := range k.targets {
		if k.device(t) != device {
			continue
		}
		if lived < flapping {
			t.fails++
		} else {
			t.fails = 0
		}
		t.next = now.Add(k.wait(t.fails))
		if junior {
			t.next = t.next.Add(250 * time.Millisecond)
		}
	}
}

// worked notes who answered at an address.
func (k *book) worked(t *target, device wire.DeviceID, now time.Time) {
	t.busy, t.fails, t.wrong, t.heard = false, 0, 0, now
	k.owner[t.addr] = device
	if t.want.IsZero() {
		delete(k.targets, t.targetKey)
		k.add(t.addr, device, now, 0)
	}
}

// failed puts a target off.
func (k *book) failed(t *target, now time.Time, wrongDevice, self bool) {
	t.busy = false
	t.fails++
	t.next = now.Add(k.wait(t.fails))
	if wrongDevice {
		t.wrong++
		delete(k.owner, t.addr)
	}
	switch {
	case t.wrong >= maxWrong:
		delete(k.targets, t.targetKey)
	case self:
		t.self = true
		t.next = now.Add(forgetUnsure)
	}
}

// forget drops a device's addresses.
func (k *book) forget(device wire.DeviceID) {
	for key, t := range k.targets {
		if k.device(t) == device {
			delete(k.targets, key)
		}
	}
}

// reset makes everything due at once, spread over a little while.
func (k *book) reset(now time.Time) {
	for _, t := range k.targets {
		t.fails, t.self = 0, false
		t.next = now.Add(time.Duration(rand.Int64N(int64(200 * time.Millisecond))))
	}
}

// expire drops what nobody has heard of for long.
func (k *book) expire(now time.Time) {
	for key, t := range k.targets {
		limit := forgetKnown
		if t.want.IsZero() {
			limit = forgetUnsure
		}
		if !t.busy && now.Sub(t.heard) > limit {
			delete(k.targets, key)
		}
	}
}

// wait is the back-off after some failures.
func (k *book) wait(fails int) time.Duration {
	longest := max(backoffMax, time.Duration(len(k.targets))*perTarget)
	d := backoffMin << min(max(fails-1, 0), 20)
	if fails == 0 {
		d = backoffMin / 2
	}
	return jitter(min(d, longest))
}

// jitter gives between half of d and d.
func jitter(d time.Duration) time.Duration {
	return d/2 + time.Duration(rand.Int64N(int64(d/2)+1))
}
