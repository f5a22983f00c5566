package folders

import (
	"maps"
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
	partly     map[VersionID]partial // what lies in drafts of files that nobody goes on with now
	told       time.Time
	sources    map[source]time.Time
}

// transferring is a file that is on its way.
type transferring struct {
	size, done int64
}

// partial is a draft that is to be gone on with.
type partial struct {
	path string
	done int64
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
	delete(k.progress.partly, v.id)
	return t
}

// untransfer notes that files are not on their way any more, some of them with a draft.
func (k *keeper) untransfer(files []difference, all []*arriving) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, v := range files {
		delete(k.progress.under, v.path)
	}
	for _, a := range all {
		if a.left == 0 || a.under.done == 0 {
			continue
		}
		if k.progress.partly == nil {
			k.progress.partly = map[VersionID]partial{}
		}
		k.progress.partly[a.v.id] = partial{a.v.path, min(a.under.done, a.v.size)}
	}
}

// arrived is how much of what is missing came already, of files that are not whole.
func (k *keeper) arrived() (bytes int64) {
	k.mu.Lock()
	for _, t := range k.progress.under {
		bytes += min(t.done, t.size)
	}
	partly := maps.Clone(k.progress.partly)
	k.mu.Unlock()
	if len(partly) == 0 {
		return bytes
	}
	folder, err := folderRow(k.f.DB.Read(), k.space)
	if err != nil {
		return bytes
	}
	for id, p := range partly {
		v, found, err := standingAt(k.f.DB.Read(), folder, p.path)
		if err == nil && found && v.id == id && k.wanted(p.path) {
			bytes += p.done
		}
	}
	return bytes
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
