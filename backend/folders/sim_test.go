package folders_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/backend/folders/disk/disktest"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var (
	simSeed   = flag.Uint64("sim.seed", 0, "run the simulator with this seed alone")
	simStacks = flag.Bool("sim.stacks", false, "print what all goroutines do when a run is not level in time")
	simOps    = flag.Int("sim.ops", 0, "how many deeds each run of the simulator has")
)

// TestSimulator lets three people work in one folder that each of them keeps whole: one
// on Linux, one on macOS, one on Windows. They write (whole, in place, at the end, at
// the front, over a temporary file), delete, move, change the case of a name, use names
// that one of the systems does not take, make folders of files and files of folders,
// make links, set marks, lock files, and write at the very moment at which the program
// is about to change the same file. Meanwhile the network is cut, programs end and come
// back, power fails, clocks go apart, watchers say nothing, disks are full.
//
// In the end everything is healed, and within a while without any help
//
//   - every desk says that it is up to date, and all hold the same log;
//   - what the log says stands is on every disk, and nothing else is: content, kind, the
//     mark, and the time as exactly as the disk keeps it. Excepted is what a desk lists
//     among its problems, and why it does is checked;
//   - looking at everything again changes nothing and says nothing.
//
// No content is lost. A content is what a file held after somebody had written it at a
// desk; each is written once. It is forgiven when a person at that same desk overwrote
// or deleted the file while it held that content. Every other content, so everything
// that only the program replaced or removed, is in the end in a file that everybody
// sees, on one disk at least, or in the bin of a desk. (A loss of power does not undo
// what people write here: their editors flush.)
func TestSimulator(t *testing.T) {
	seeds, ops := uint64(8), 2600
	if testing.Short() {
		seeds, ops = 2, 500
	}
	if *simOps > 0 {
		ops = *simOps
	}
	for seed := uint64(1); seed <= seeds; seed++ {
		if *simSeed != 0 {
			seed = *simSeed
		}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			simulate(t, seed, ops)
		})
		if *simSeed != 0 {
			break
		}
	}
}

func simulate(t *testing.T, seed uint64, ops int) {
	s := newSim(t, seed)
	for int(s.done.Load()) < ops {
		s.round()
	}
	s.heal()
	s.level(patience)
	s.calm()
	s.nothingLost()
	t.Logf("seed %d: %d deeds, %d contents, %d forgiven, %d versions, %d conflicts", seed, s.done.Load(), len(s.ledger.all), s.ledger.forgiven(), s.versions(), s.state(s.desks[0]).Conflicts)
}

// patience is how long it may take until all is level: retries are after 15 s, and eight
// runs share what a slow machine has.
const patience = 3 * time.Minute

// sim is one run.
type sim struct {
	*office
	seed   uint64
	rnd    *rand.Rand
	users  []*user
	ledger ledger
	done   atomic.Int64
	cut    bool
	trail  []string // the last deeds, for a failing test
}

// user is a person at a disk.
type user struct {
	*testspace.Desk
	*disktest.Disk
	system string
	s      *sim
	root   string
	away   bool
	locked []string
	deaf   bool // its watcher says nothing
	// chance decides what happens in the middle of what the program does.
	mu     sync.Mutex
	chance *rand.Rand
	// flushing: what somebody wrote in the middle is being made safe.
	flushing atomic.Bool
	wild     bool
}

func newSim(t *testing.T, seed uint64) *sim {
	s := &sim{seed: seed, rnd: rand.New(rand.NewPCG(seed, 5)), ledger: ledger{all: map[string]*written{}}}
	s.office = &office{Office: testspace.New(t, seed), t: t, disks: map[string]*disktest.Disk{}, roots: map[string]string{}}
	t.Cleanup(func() {
		if t.Failed() {
			for _, line := range s.trail[max(0, len(s.trail)-60):] {
				t.Log(line)
			}
		}
	})
	s.Found = 25 // a look finds more than that now and then
	s.Founds("li", "公司")
	s.Admits("li", "wang", "zhao")
	members := map[wire.PersonID]space.Role{}
	for i, system := range []string{disktest.Linux, disktest.Darwin, disktest.Windows} {
		u := &user{Desk: s.As([]string{"li", "wang", "zhao"}[i]), system: system, s: s, chance: rand.New(rand.NewPCG(seed, uint64(i)+100))}
		u.Disk, u.root = u.Desk.Disk("资料", system)
		u.Disk.Seed(seed)
		u.Disk.Clock(u.Desk.Clock.Now)
		u.Disk.Hook(u.meddle)
		s.users, s.desks = append(s.users, u), append(s.desks, u.Desk)
		s.disks[u.Name], s.roots[u.Name] = u.Disk, u.root
		if i > 0 {
			members[u.Person()] = space.Member
		}
	}
	id, err := s.desks[0].Folders.Share(context.Background(), s.Workspace, s.users[0].root, "资料", members)
	s.must(err)
	s.id = id
	for _, d := range s.desks[1:] {
		s.keeps(d)
	}
	return s
}

// round is some deeds of some people and then, perhaps, a turn of fate.
func (s *sim) round() {
	for range 1 + s.rnd.IntN(12) {
		u := s.users[s.rnd.IntN(len(s.users))]
		for range 1 + s.rnd.IntN(4) {
			u.acts()
			s.done.Add(1)
		}
		if s.rnd.IntN(3) > 0 {
			s.pace(u)
		}
	}
	switch n := s.rnd.IntN(90); {
	case n == 0:
		s.heal()
		s.level(patience)
	case n < 6:
		s.network()
	case n < 9:
		s.restart(s.users[s.rnd.IntN(3)], false)
	case n < 12:
		s.restart(s.users[s.rnd.IntN(3)], true)
	case n < 15:
		u := s.users[s.rnd.IntN(3)]
		u.Desk.Clock.Set(time.Duration(s.rnd.IntN(7)-3) * time.Minute)
		s.note("%s sets the clock", u.Name)
	case n < 18:
		u := s.users[s.rnd.IntN(3)]
		u.Room([]int64{-1, 0, 200 << 10}[s.rnd.IntN(3)])
		s.note("%s has another disk", u.Name)
	case n < 21:
		u := s.users[s.rnd.IntN(3)]
		if u.deaf = !u.deaf; !u.deaf {
			u.Hints(u.root)
		}
	case n < 30:
		u := s.users[s.rnd.IntN(3)]
		u.mu.Lock()
		u.wild = !u.wild
		u.mu.Unlock()
	}
}

// pace lets the programs do a part of what there is to do.
func (s *sim) pace(u *user) {
	want := u.Count("") + s.rnd.IntN(40)
	for until := time.Now().Add(4 * time.Millisecond); u.Count("") < want && time.Now().Before(until); {
		runtime.Gosched()
	}
}

func (s *sim) network() {
	if s.cut = !s.cut; !s.cut {
		s.note("the network heals")
		s.Heal()
		return
	}
	alone := s.rnd.IntN(3)
	names := []string{"li", "wang", "zhao"}
	s.note("%s is cut off", names[alone])
	s.Partition([]string{names[alone]}, slices.Delete(slices.Clone(names), alone, alone+1))
}

// restart ends a program and lets it come back later; power may fail between.
func (s *sim) restart(u *user, crash bool) {
	if u.away {
		u.away = false
		s.note("%s returns", u.Name)
		s.Returns(u.Name)
		return
	}
	if crash {
		u.mu.Lock()
		u.flushing.Store(true) // nobody can flush any more
		u.Halt()
		u.mu.Unlock()
	}
	s.Leaves(u.Name)
	if crash {
		s.note("power fails at %s", u.Name)
		u.Crash()
		u.flushing.Store(false)
	} else {
		s.note("%s leaves", u.Name)
	}
	u.away = true
	if s.rnd.IntN(2) == 0 {
		s.restart(u, false)
	}
}

// heal ends all that is wrong.
func (s *sim) heal() {
	s.note("all is healed")
	s.cut = false
	for _, u := range s.users {
		u.mu.Lock()
		u.wild = false
		u.mu.Unlock()
		u.Room(-1)
		u.Desk.Clock.Set(0)
		u.deaf = false
		for _, path := range u.locked {
			_ = u.Unlock(path)
		}
		u.locked = nil
		if u.away {
			s.restart(u, false)
		}
		u.Hints(u.root)
		u.Folders.Nudge()
	}
	s.Heal() // last: the clocks by which desks dial again went back
}

func (s *sim) note(format string, args ...any) {
	s.trail = append(s.trail, fmt.Sprintf("%d ", s.done.Load())+fmt.Sprintf(format, args...))
}

// meddle is called before everything that the program does with a disk: now and then
// somebody writes just then.
func (u *user) meddle(op disktest.Operation) {
	switch op.Name {
	case "swap", "move", "mark", "look", "read", "remove":
	default:
		return
	}
	if u.flushing.Load() { // this very goroutine may hold mu
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.flushing.Load() || !u.wild || u.chance.IntN(40) > 0 {
		return
	}
	path := op.Path
	if op.To != "" && u.chance.IntN(2) == 0 {
		path = op.To
	}
	if path == "" || hidden(path) {
		return
	}
	if _, err := u.ReadAll(path); err != nil {
		return
	}
	u.s.ledger.meddled(u, path, u.chance.IntN(1<<30))
	u.flushing.Store(true)
	_ = u.Settle(path)
	u.flushing.Store(false)
}
