package disktest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"roundtable/backend/folders/disk"
)

// The systems that a Disk behaves like.
const (
	Linux   = "linux"
	Darwin  = "darwin"
	Windows = "windows"
)

// Disk is a folder in memory. It is a disk.Tree; its other methods are what tests and
// the people in them do: those are never failed, never counted and call no hook.
type Disk struct {
	mu     sync.Mutex
	system string
	rules  disk.Rules
	root   *node
	random *rand.Rand
	clock  func() time.Time
	ticks  int64 // of the clock of its own

	serial uint64   // of the last node
	lastID uint64   // that was never used before
	freed  []uint64 // IDs to be used again
	room   int64    // bytes in all; negative: no bound
	used   int64

	life   uint64 // a crash ends it, and with it all open files
	halted bool
	gone   bool
	faults []*fault
	counts map[string]int
	hook   func(Operation)
	still  bool // operations that change names wait
	wake   *sync.Cond

	journal []change
	dirty   []*node // files with content that is not settled
}

var _ disk.Tree = (*Disk)(nil)

// New gives an empty folder on a disk of a system: Linux, Darwin or Windows.
func New(system string) *Disk {
	d := &Disk{system: system, room: -1, counts: map[string]int{}}
	d.wake = sync.NewCond(&d.mu)
	switch system {
	case Linux:
		d.rules = disk.Rules{Exec: true, Links: true, MaxName: 255, MaxPath: 4000, Grain: 1, Tick: int64(10 * time.Millisecond)}
	case Darwin:
		d.rules = disk.Rules{FoldsCase: true, FoldsForm: true, Exec: true, Links: true, MaxName: 255, MaxPath: 1000, Units: true,
			Grain: 1000, Tick: int64(time.Millisecond)}
	case Windows:
		d.rules = disk.Rules{FoldsCase: true, Windows: true, MaxName: 255, MaxPath: 32000, Units: true, Grain: 100, Tick: int64(16 * time.Millisecond)}
	default:
		panic(fmt.Sprintf("disktest: no system %q", system))
	}
	d.Seed(1)
	d.root = d.node(disk.Folder)
	return d
}

// Seed sets what chance decides from here on.
func (d *Disk) Seed(seed uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.random = rand.New(rand.NewPCG(seed, 0x726f756e64))
}

// Clock gives the disk a clock. Without one, each change comes a millisecond after
// the one before.
func (d *Disk) Clock(now func() time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clock = now
}

// Room bounds the bytes of all files; negative: no bound.
func (d *Disk) Room(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = bytes
}

// Rule changes the rules, before anything lies here: a Linux disk that folds case.
func (d *Disk) Rule(change func(*disk.Rules)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(&d.rules)
}

// Rules of the disk.
func (d *Disk) Rules() disk.Rules {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rules
}

// Free tells how many bytes fit.
func (d *Disk) Free() (uint64, error) {
	if err := d.begin("free", "", ""); err != nil {
		return 0, err
	}
	defer d.mu.Unlock()
	if d.room < 0 {
		return math.MaxInt64, nil
	}
	return uint64(max(0, d.room-d.used)), nil
}

// now is the time of files, as coarse as it is.
func (d *Disk) now() time.Time {
	d.ticks++
	now := time.Unix(1_767_225_600, 0).Add(time.Duration(d.ticks) * time.Millisecond)
	if d.clock != nil {
		now = d.clock()
	}
	return coarse(now, max(d.rules.Tick, d.rules.Grain))
}

func coarse(t time.Time, grain int64) time.Time {
	if grain <= 1 {
		return t
	}
	return time.Unix(0, t.UnixNano()/grain*grain)
}
