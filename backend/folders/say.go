package folders

import (
	"context"
	"slices"
	"strings"
	"time"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/folders/disk"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// sayAfter is how long what was read waits for more to be said with it.
const sayAfter = 200 * time.Millisecond

// remark is one difference on its way into the log, or only into what is known.
type remark struct {
	diff
	// chunks and nodes of a file that was read; body as in versions.
	chunks []placed
	nodes  []chunk.Node
	body   []byte
	cause  cause
	from   string
	// young: it was written so lately that another change might bear the same time.
	young bool
	// source is what was moved here: its row becomes this one.
	source *local
}

// speaker gathers remarks and says them together.
type speaker struct {
	k       *keeper
	ctx     context.Context
	folder  int64
	writes  bool // we may say anything here
	pending []remark
	bytes   int
	since   time.Time
}

// say tells the log what differs: what moved first, then what is there, then what
// is gone, then what took the place of a folder that is gone.
func (k *keeper) say(ctx context.Context, found []diff) error {
	if len(found) == 0 {
		return nil
	}
	folder, err := folderRow(k.f.DB.Read(), k.space)
	if err != nil {
		return err
	}
	s := &speaker{k: k, ctx: ctx, folder: folder, writes: k.f.mayWrite(k.space)}
	k.setUnsaid(len(found))
	defer k.setUnsaid(0)
	rest, err := s.moves(unique(found))
	if err != nil {
		return err
	}
	slices.SortStableFunc(rest, func(a, b diff) int {
		switch {
		case a.turn() != b.turn():
			return a.turn() - b.turn()
		case !a.here:
			return strings.Compare(b.path, a.path) // a folder after what was in it
		}
		return strings.Compare(a.path, b.path)
	})
	for _, d := range rest {
		if err := s.take(d); err != nil {
			return err
		}
	}
	return s.flush()
}

// turn puts what stands in the place of a folder behind what went with that folder:
// nobody shall see a file with something in it.
func (d diff) turn() int {
	switch {
	case !d.here:
		return 1
	case d.known && d.was.kind == Folder && d.now.Kind != disk.Folder:
		return 2
	}
	return 0
}

// unique drops differences that were found twice.
func unique(found []diff) []diff {
	seen := make(map[string]bool, len(found))
	return slices.DeleteFunc(found, func(d diff) bool {
		twice := seen[d.path]
		seen[d.path] = true
		return twice
	})
}

func (k *keeper) setUnsaid(n int) {
	k.mu.Lock()
	k.progress.unsaid = n
	k.mu.Unlock()
	k.tell(n == 0)
}

// moves pairs what is gone with what is new and the same: nothing is read again.
func (s *speaker) moves(found []diff) (rest []diff, err error) {
	type mark struct {
		inode    uint64
		size     int64
		modified int64
	}
	gone := map[mark]diff{}
	for _, d := range found {
		if d.known && !d.here && d.was.kind == File && d.was.inode != 0 && d.was.changed != tooYoung {
			gone[mark{d.was.inode, d.was.size, d.was.modified}] = d
		}
	}
	moved := map[string]bool{}
	for _, d := range found {
		if d.known || !d.here || d.now.Kind != disk.File || d.now.ID == 0 || sayable(d.path, d.now) != "" {
			continue
		}
		m := mark{d.now.ID, d.now.Size, d.now.Modified.UnixNano()}
		from, ok := gone[m]
		if !ok {
			continue
		}
		delete(gone, m)
		moved[d.path], moved[from.path] = true, true
		was := from.was
		// Together in one event, or the other side would not know.
		if len(s.pending)+2 > maxEntries {
			if err := s.flush(); err != nil {
				return nil, err
			}
		}
		if err := s.add(remark{diff: d, body: was.body, cause: movedFrom, from: from.path, source: &was}); err != nil {
			return nil, err
		}
		if err := s.add(remark{diff: from}); err != nil {
			return nil, err
		}
	}
	for _, d := range found {
		if !moved[d.path] {
			rest = append(rest, d)
		}
	}
	return rest, nil
}

// take reads what has to be read of a difference, and gathers it.
func (s *speaker) take(d diff) error {
	r := remark{diff: d}
	if d.here {
		if code := sayable(d.path, d.now); code != "" {
			s.k.problems.note(bySurvey, d.path, code, "")
			return nil
		}
		switch d.now.Kind {
		case disk.File:
			if err := s.k.read(s.ctx, &r); err != nil {
				return s.k.unread(s.ctx, d, err)
			}
		case disk.Link:
			r.body = []byte(d.now.Target)
		case disk.Folder:
			r.body = []byte{}
			if s.leftover(d) {
				return nil
			}
		}
	}
	s.k.problems.solve(bySurvey, d.path)
	return s.add(r)
}

// sayable tells why something cannot be an entry, "" when it can.
func sayable(path string, now disk.Info) errcode.Code {
	switch {
	case !shareable(path):
		return errcode.EntryName
	case now.Kind == disk.Link && (entry{Path: path, Kind: Link, Target: now.Target}).check() != nil:
		return errcode.EntryLink
	}
	return ""
}

// leftover reports whether a folder is here only because something hidden in it
// kept it from being removed.
func (s *speaker) leftover(d diff) bool {
	v, found, err := standingAt(s.k.f.DB.Read(), s.folder, d.path)
	if err != nil || !found || v.kind != Removed {
		return false
	}
	visible, hidden := 0, 0
	_ = s.k.tree.List(d.path, func(i disk.Info) error {
		if s.k.hidden(i.Path, i.Kind == disk.Folder) {
			hidden++
		} else {
			visible++
		}
		return nil
	}, nil)
	return visible == 0 && hidden > 0
}

func (s *speaker) add(r remark) error {
	if len(s.pending) == 0 {
		s.since = time.Now()
	}
	s.pending = append(s.pending, r)
	s.bytes += len(r.path) + len(r.from) + len(r.body) + 64
	if len(s.pending) >= maxEntries || s.bytes >= maxEntryBytes/2 || time.Since(s.since) > sayAfter && r.cause != movedFrom {
		return s.flush()
	}
	return nil
}

// mayWrite reports whether this person may say anything in a folder.
func (f *Folders) mayWrite(id wire.SpaceID) (may bool) {
	_ = f.Log.View(id, func(s *space.State) {
		m, ok := s.Member(f.Me.Person)
		may = ok && m.Active && m.Role >= space.Member
	})
	return may && !f.crowded(id)
}

// flush says what was gathered. What is on the disk and what is known of it must be
// as they were when it was read, or it is read again.
func (s *speaker) flush() error {
	pending := s.pending
	s.pending, s.bytes = nil, 0
	if len(pending) == 0 {
		return nil
	}
	pairAlike(pending)
	k := s.k
	k.ground.Lock()
	defer k.ground.Unlock()
	var entries []entry
	var said, known, gone []remark // gone: the log says so already
	now, err := s.look(pending)
	if err != nil {
		return err
	}
	still := map[string]bool{}
	for _, r := range pending {
		still[r.path] = k.still(r.diff, now)
	}
	for _, r := range pending {
		if !still[r.path] || r.source != nil && !still[r.from] {
			k.look.at(r.path)
			continue
		}
		e, kind, err := s.judge(&r, now.versions[r.path])
		switch {
		case err != nil:
			return err
		case kind == toSay:
			entries, said = append(entries, e), append(said, r)
		case kind == toKnow && r.here:
			known = append(known, r)
		case kind == toKnow:
			gone = append(gone, r)
		}
	}
	k.settleMoved(said, known)
	return s.append(entries, said, known, gone)
}

// append says entries, and writes what is known afterwards; known and gone are what the
// log says already. All of it is one transaction: a row that moved along with a file says
// no more that something is gone from where it lay, so an end between the two would leave
// that unsaid for ever.
func (s *speaker) append(entries []entry, said, known, gone []remark) error {
	if len(said)+len(known)+len(gone) == 0 {
		return nil
	}
	learn := func(tx *store.Tx) error {
		for _, all := range [][]remark{known, said, gone} { // gone last: it may have moved, with its row
			if err := s.k.learn(tx, all); err != nil {
				return err
			}
		}
		return nil
	}
	if len(entries) == 0 {
		return s.k.f.DB.Write(s.ctx, learn)
	}
	_, err := s.k.f.Log.Append(s.ctx, s.k.space, eventlog.Draft{
		Kind: EntriesChanged, Body: entriesChanged{Entries: entries},
		Then: func(tx *store.Tx, e eventlog.Event) error {
			for i := range said {
				said[i].was.version = versionAt(e.Feed, e.Seq, i)
			}
			return learn(tx)
		},
	})
	return err
}

// pairAlike makes moves of what is new and what is gone with the same content: of a
// file that was read in the tick in which it was written, moves cannot tell.
func pairAlike(pending []remark) {
	left, gone := map[string]bool{}, map[string]int{}
	for _, r := range pending {
		left[r.from] = true
	}
	for i, r := range pending {
		if r.known && !r.here && r.was.kind == File && r.was.size > 0 && !left[r.path] {
			gone[string(r.was.body)] = i
		}
	}
	for i := range pending {
		r := &pending[i]
		if r.known || !r.here || r.cause != ordinary || r.now.Kind != disk.File {
			continue
		}
		// What is gone comes behind what is there: its row is taken over first.
		if at, ok := gone[string(r.body)]; ok && at > i {
			delete(gone, string(r.body))
			r.cause, r.from, r.source = movedFrom, pending[at].path, &pending[at].was
		}
	}
}

// still reports whether a difference is as it was found; ground is held.
func (k *keeper) still(d diff, known present) bool {
	now, here, err := k.seen(d.path)
	if err != nil || here != d.here {
		return false
	}
	if here && d.now.Kind != disk.Folder && !now.Same(d.now) || here && now.Kind != d.now.Kind {
		return false
	}
	was, is := known.locals[d.path]
	return is == d.known && (!is || was.row == d.was.row && was.version == d.was.version && was.changed == d.was.changed)
}

// unsharedAt notes what somebody changed who may only read.
func (k *keeper) unsharedAt(path string, differs bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.progress.unshared == nil {
		k.progress.unshared = map[string]bool{}
	}
	if differs {
		k.progress.unshared[path] = true
	} else {
		delete(k.progress.unshared, path)
	}
}
