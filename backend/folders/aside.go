package folders

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"
	"unicode/utf8"

	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/folders/disk"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// blocked is errUnseen with the path at which something is in the way.
type blocked struct{ at string }

func (b blocked) Error() string { return errUnseen.Error() + ": " + b.at }

// Is implements errors.Is.
func (b blocked) Is(err error) bool { return err == errUnseen }

// seeMoved takes over what a look tells of a file that was just moved to its place. It
// should be as it was before; if somebody wrote into it between, it is read again.
func (k *keeper) seeMoved(l *local, before, now disk.Info) {
	l.see(now)
	grain := max(k.tree.Rules().Grain, 1)
	if l.kind == File && (now.Size != before.Size || now.Modified.UnixNano()/grain != before.Modified.UnixNano()/grain) {
		l.doubt(k)
		l.young = false // it is no more what was put here: a loss of power has not torn it
	}
}

// doubt lets a file be read again, although it looks as it should.
func (l *local) doubt(k *keeper) {
	l.changed = tooYoung
	k.look.at(l.path)
}

// fleeting reports whether a file may have changed since begun and bear the same time. begun
// is before it was looked at: between a look and the question any time may pass, and
// somebody may have written at the beginning of it.
func (k *keeper) fleeting(i disk.Info, begun time.Time) bool {
	near := 2 * time.Duration(k.tree.Rules().Tick)
	return i.Modified.After(begun.Add(-near)) && i.Modified.Before(k.f.Clock.Now().Add(near))
}

// unseenAt is returned for what is not as it was when it was looked at: a survey says
// it first. What somebody changed who may only read goes aside; ground is held.
func (k *keeper) unseenAt(ctx context.Context, path string, here bool) error {
	if k.f.mayWrite(k.space) {
		return errUnseen
	}
	return k.stepAside(ctx, path, here)
}

// steady reports whether a version and what is known of its path are as they were
// read; ground is held. Errors: errUnseen.
func (k *keeper) steady(v version, l local, known bool) error {
	if err := k.stands(v); err != nil {
		return err
	}
	return k.same(v.path, l, known)
}

// same reports whether what is known of a path is as it was read; ground is held.
// Errors: errUnseen.
func (k *keeper) same(path string, l local, known bool) error {
	now, is, err := localAt(k.f.DB.Read(), k.row, path)
	if err == nil && (is != known || is && (now.row != l.row || now.version != l.version || now.changed != l.changed)) {
		err = errUnseen
	}
	return err
}

// stands reports whether a version still is what everybody sees at its path; ground is
// held: what was said meanwhile is for the next round. Errors: errUnseen.
func (k *keeper) stands(v version) error {
	parent, name := split(v.path)
	var id []byte
	err := k.f.DB.Read().QueryRow(`SELECT v.id FROM folders_version v JOIN folders_space s ON s.row = v.folder
		WHERE s.space = ? AND v.parent = ? AND v.name = ? AND v.state = 2`, k.space[:], parent, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !bytes.Equal(id, v.id[:]) {
		return errUnseen
	}
	return store.Classify(err)
}

// apart reports whether what lies here was written at the same time as a version
// and is still to be kept beside it.
func (k *keeper) apart(v version, l local) bool {
	parent, name := split(v.path)
	var state int
	err := k.f.DB.Read().QueryRow(`SELECT v.state FROM folders_version v JOIN folders_space s ON s.row = v.folder
		WHERE s.space = ? AND v.parent = ? AND v.name = ? AND v.id = ?`, k.space[:], parent, name, l.version[:]).Scan(&state)
	return err == nil && state == beside && v.rival(version{kind: l.kind, body: l.body})
}

// makeWay removes the empty folder that lies where something else should; ground is held.
func (k *keeper) makeWay(path string) error {
	err := k.tree.Remove(path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err = k.leftInside(path, err); err == nil {
		err = errcode.With(errcode.EntryClash, errors.New("what is hidden in a folder keeps it"))
	}
	return err
}

// respell gives a folder that this disk has under another case or form the name that
// it has in the log now, with everything in it, as a person would: the survey finds
// what moved, and says what the log has under the old name alone; ground is held.
// Errors: disk.ErrClash when the log has the folder under the other name too; else errUnseen.
func (k *keeper) respell(path string) error {
	now, err := k.tree.Look(path)
	if err != nil {
		return err
	}
	was := now.Path
	folder, err := folderRow(k.f.DB.Read(), k.space)
	if err != nil {
		return err
	}
	v, found, err := standingAt(k.f.DB.Read(), folder, was)
	if err != nil {
		return err
	}
	l, known, err := localAt(k.f.DB.Read(), k.row, was)
	if err != nil {
		return err
	}
	above, _ := split(path)
	if beside, _ := split(was); now.Kind != disk.Folder || !known || l.kind != Folder || beside != above || found && v.kind != Removed {
		return disk.ErrClash
	}
	if err := k.tree.Move(was, path); err != nil {
		return err
	}
	k.look.at(was, path)
	return errUnseen
}

// leftInside decides what it means that a folder is not empty: what is hidden in it
// stays, with it; what is to be seen in it is somebody's.
func (k *keeper) leftInside(path string, cause error) error {
	visible := false
	err := k.tree.List(path, func(i disk.Info) error {
		visible = visible || !k.hidden(i.Path, i.Kind == disk.Folder)
		return nil
	}, nil)
	if err != nil {
		return cause
	}
	if visible {
		return blocked{path}
	}
	return nil
}

// upholdAfter is how long what is in the way may take to go by itself.
const upholdAfter = 200 * time.Millisecond

// uphold says that a path is a folder, because something stands in it that whoever
// removed or replaced it had not seen.
func (r *round) uphold(path string) error {
	k := r.k
	k.mu.Lock()
	waited := k.unseen
	k.mu.Unlock()
	if waited < upholdAfter || !k.f.mayWrite(k.space) {
		return nil
	}
	all, err := versionsOf(k.f.DB.Read(), r.folder, path)
	if err != nil {
		return err
	}
	e := entry{Path: path, Kind: Folder}
	for _, v := range all {
		if v.state == standing && v.kind == Folder {
			return nil
		}
		if v.state != replaced && v.kind == Removed && len(e.Replaces) < maxReplaces {
			e.Replaces = append(e.Replaces, v.id)
		}
	}
	var inside bool
	if err := k.f.DB.Read().QueryRowContext(r.ctx, `SELECT EXISTS(SELECT 1 FROM folders_version WHERE folder = ?1 AND state = 2 AND kind > 0
		AND (parent = ?2 OR parent >= ?2 || '/' AND parent < ?2 || '0'))`, r.folder, path).Scan(&inside); err != nil || !inside {
		return store.Classify(err)
	}
	_, err = k.f.Log.Append(r.ctx, k.space, eventlog.Draft{Kind: EntriesChanged, Body: entriesChanged{Entries: []entry{e}}})
	return err
}

// maxBinName bounds what is kept of a name in the bin, in bytes.
const maxBinName = 180

// binPath is where something may lie in the bin, under a name that nothing has.
func (k *keeper) binPath(path string) string {
	return fmt.Sprintf("%s/%d-%x-%s", binFolder, k.f.Clock.Now().Unix(), wire.Random(4), binName(path))
}

// binName keeps a name readable in the bin.
func binName(path string) string {
	_, name := split(path)
	for len(name) > maxBinName {
		_, n := utf8.DecodeRuneInString(name)
		name = name[n:]
	}
	return name
}

// stepAside keeps what somebody changed who may only read, under another name on
// this disk alone; what somebody deleted comes back.
func (k *keeper) stepAside(ctx context.Context, path string, here bool) error {
	if here {
		now, err := k.tree.Look(path)
		if err != nil {
			return err
		}
		to := k.free(conflictName(path, "", now.Modified))
		if err := k.tree.Move(path, to); err != nil {
			return err
		}
		k.unsharedAt(to, true)
	}
	k.unsharedAt(path, false)
	l, known, err := localAt(k.f.DB.Read(), k.row, path)
	if err == nil && known {
		err = k.f.DB.Write(ctx, func(tx *store.Tx) error { return dropLocal(tx, l.row) })
	}
	return errors.Join(err, errUnseen)
}
