package folders

import (
	"sync/atomic"
	"time"

	"roundtable/backend/wire"
)

// progress is what a keeper is doing now, for the screen.
type progress struct {
	scanning   bool
	scanned    atomic.Int64
	surveyTook time.Duration
	unsaid     int
	unshared   map[string]bool // changed here by somebody who may only read
	pulling    bool
	waits      bool // something is missing that nobody who is there has
	rate       rate
	fetched    int64
	reused     int64
	under      map[string]*transferring
	told       time.Time
	sources    map[source]time.Time
}

// transferring is a file that is on its way.
type transferring struct {
	size, done int64
}

// rate measures bytes per second over the last seconds.
type rate struct {
	begun time.Time
	bytes int64
	last  float64
}

const rateOver = 2 * time.Second

func (r *rate) add(n int64, now time.Time) {
	if r.begun.IsZero() {
		r.begun = now
	}
	r.bytes += n
	if over := now.Sub(r.begun); over >= rateOver {
		r.last = float64(r.bytes) / over.Seconds()
		r.begun, r.bytes = now, 0
	}
}

// perSecond is 0 while nothing moves.
func (r *rate) perSecond(now time.Time) int64 {
	switch over := now.Sub(r.begun); {
	case r.begun.IsZero() || over > 3*rateOver:
		return 0
	case r.last == 0 && over > 200*time.Millisecond:
		return int64(float64(r.bytes) / over.Seconds())
	}
	return int64(r.last)
}

func (k *keeper) setScanning(on bool) {
	k.mu.Lock()
	k.progress.scanning = on
	k.mu.Unlock()
	k.progress.scanned.Store(0)
	k.tell(true)
}

func (k *keeper) countScanned() {
	if k.progress.scanned.Add(1)%1000 == 0 {
		k.tell(false)
	}
}

// tell lets the screen ask again, now and then.
func (k *keeper) tell(at_once bool) {
	now := time.Now()
	k.mu.Lock()
	k.counts.old = true
	due := at_once || now.Sub(k.progress.told) > tellEvery
	if due {
		k.progress.told = now
	}
	k.mu.Unlock()
	if due {
		k.f.Publish("folders", topic(k.space))
	}
}

// transfer notes that a file is on its way.
func (k *keeper) transfer(v version) *transferring {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.progress.under == nil {
		k.progress.under = map[string]*transferring{}
	}
	t := &transferring{size: v.size}
	k.progress.under[v.path] = t
	return t
}

func (k *keeper) untransfer(files []difference) {
	k.mu.Lock()
	for _, v := range files {
		delete(k.progress.under, v.path)
	}
	k.mu.Unlock()
}

func (t *transferring) add(n int64, k *keeper) {
	k.mu.Lock()
	t.done += n
	k.mu.Unlock()
	k.tell(false)
}

// source of content that came lately.
type source struct {
	device wire.DeviceID
	via    string
}

// sourceLife is how long a source is named after it gave something.
const sourceLife = 3 * time.Second

// came counts bytes that another device gave, or a relay (zero device).
func (k *keeper) came(device wire.DeviceID, via string, bytes int) {
	now := time.Now()
	k.mu.Lock()
	k.progress.fetched += int64(bytes)
	k.progress.rate.add(int64(bytes), now)
	if k.progress.sources == nil {
		k.progress.sources = map[source]time.Time{}
	}
	k.progress.sources[source{device, via}] = now
	k.mu.Unlock()
}

func (k *keeper) reused(bytes int) {
	k.mu.Lock()
	k.progress.reused += int64(bytes)
	k.mu.Unlock()
}
