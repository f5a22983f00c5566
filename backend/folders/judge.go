package folders

import (
	"maps"

	"bytes"

	"roundtable/backend/store"
)

// What becomes of a remark.
const (
	toDrop = iota
	toKnow // the log says so already
	toSay
)

// judge compares a remark with what the log says of its path.
func (s *speaker) judge(r *remark, all []version) (e entry, what int, err error) {
	k := s.k
	mine := r.version()
	e = entry{Path: r.path, Kind: mine.kind, Modified: mine.modified, Exec: mine.exec, Cause: r.cause, From: r.from}
	if err := carry(&e, mine); err != nil {
		return e, 0, err
	}
	base, said := k.baseOf(r, mine, all)
	if said && s.writes && r.leaves(base, all) {
		// What lay here before was not replaced by what stands: it is now.
		e.Replaces = []VersionID{base.id, r.was.version}
		return e, toSay, nil
	}
	if said {
		r.was.version = base.id
		return e, toKnow, nil
	}
	if !r.here && !r.known {
		return e, toDrop, nil
	}
	if !s.writes {
		k.unsharedAt(r.path, r.here || r.known)
		return e, toDrop, nil
	}
	if r.known && !r.was.version.IsZero() {
		base.id = r.was.version // also while the tables are being made anew
	}
	if mine.kind == File && !k.tree.Rules().Exec {
		if e.Exec, err = s.execOf(r, base); err != nil {
			return e, 0, err
		}
	}
	if !base.id.IsZero() {
		e.Replaces = append(e.Replaces, base.id)
	}
	for _, v := range all {
		if v.id != base.id && v.state != replaced && (v.kind == Removed || v.twin(mine) || v.twin(base)) && len(e.Replaces) < maxReplaces {
			e.Replaces = append(e.Replaces, v.id)
		}
	}
	if !r.here && len(e.Replaces) == 0 {
		return e, toKnow, nil // it was never said
	}
	return e, toSay, nil
}

// present is what is known of some paths at a moment.
type present struct {
	locals   map[string]local
	versions map[string][]version
}

// look reads what is known of the paths of remarks, folder by folder: many of them
// lie beside each other.
func (s *speaker) look(all []remark) (present, error) {
	k := s.k
	out := present{map[string]local{}, map[string][]version{}}
	names := map[string][2]string{} // by parent, the first and the last
	for _, r := range all {
		parent, name := split(r.path)
		if n, ok := names[parent]; ok {
			names[parent] = [2]string{min(n[0], name), max(n[1], name)}
		} else {
			names[parent] = [2]string{name, name}
		}
	}
	for parent, n := range names {
		locals, err := k.localsAmong(s.ctx, parent, n[0], n[1])
		if err != nil {
			return out, err
		}
		maps.Copy(out.locals, locals)
		versions, err := scanVersions(k.f.DB.Read().QueryContext(s.ctx, `SELECT `+versionColumns+` FROM folders_version v
			WHERE v.folder = ? AND v.parent = ? AND v.name BETWEEN ? AND ?`, s.folder, parent, n[0], n[1]))
		if err != nil {
			return out, err
		}
		for _, v := range versions {
			out.versions[v.path] = append(out.versions[v.path], v)
		}
	}
	return out, nil
}

// leaves reports whether a version that lay here and that nobody replaced had to go
// for the one that stands.
func (r *remark) leaves(stands version, all []version) bool {
	for _, v := range all {
		if r.known && v.id == r.was.version && v.id != stands.id {
			return v.state == beside && v.rival(stands)
		}
	}
	return false
}

// execOf is the mark of a file on a disk that keeps none: it is as it was.
func (s *speaker) execOf(r *remark, base version) (bool, error) {
	if r.source == nil {
		return base.exec, nil
	}
	all, err := versionsOf(s.k.f.DB.Read(), s.folder, r.from)
	for _, v := range all {
		if v.id == r.source.version {
			return v.exec, err
		}
	}
	return false, err
}

// version is what a remark would be in the log.
func (r *remark) version() version {
	if !r.here {
		return version{kind: Removed}
	}
	v := version{kind: Kind(r.now.Kind), exec: r.now.Exec, body: r.body}
	if v.kind == File {
		v.modified = r.now.Modified.UnixNano()
	}
	return v
}

// baseOf finds the version that a remark builds on; said is set when the log has
// this very content at the path already.
func (k *keeper) baseOf(r *remark, mine version, all []version) (base version, said bool) {
	for _, v := range all {
		if v.state == standing && v.kind == mine.kind && k.alike(v, mine) {
			return v, true
		}
		if r.known && (v.id == r.was.version || r.was.version.IsZero() && v.state != replaced && v.kind == r.was.kind && bytes.Equal(v.body, r.was.body)) {
			base = v
		}
	}
	if r.known || !r.here || k.taken {
		return base, false
	}
	// A copy from before it was kept here: it is the newest version that it equals.
	for _, v := range all {
		if v.kind == mine.kind && k.alike(v, mine) && v.stamp >= base.stamp {
			base, said = v, true
		}
	}
	return base, said
}

// alike reports whether a version is what lies on this disk, as far as this disk
// can tell: it may keep times coarser and no marks.
func (k *keeper) alike(v, mine version) bool {
	if v.kind != mine.kind || string(v.body) != string(mine.body) {
		return false
	}
	if v.kind != File {
		return true
	}
	rules := k.tree.Rules()
	grain := max(rules.Grain, 1)
	return v.modified/grain == mine.modified/grain && (!rules.Exec || v.exec == mine.exec)
}

// forget drops the row of what is gone, unless it moved along.
func (r *remark) forget(tx *store.Tx) error {
	if !r.known {
		return nil
	}
	parent, name := split(r.path)
	_, err := tx.Exec(`DELETE FROM folderslocal_file WHERE row = ? AND parent = ? AND name = ? AND lies = ''`, r.was.row, parent, name)
	return err
}

// learn writes what is known of the disk after remarks were said, or found to be
// said already. was.version is the version that now lies there.
func (k *keeper) learn(tx *store.Tx, all []remark) error {
	for _, r := range all {
		if !r.here {
			if err := r.forget(tx); err != nil {
				return err
			}
			continue
		}
		l := r.was
		if r.source != nil {
			l.row, l.young = r.source.row, r.source.young // its chunks lie where they lay
			r.chunks = nil
		} else if l.row != 0 && l.kind == File {
			if _, err := tx.Exec(`DELETE FROM folderslocal_file WHERE row = ?`, l.row); err != nil {
				return err
			}
			l.row, l.young = 0, false // chunks of what was there are no more
		}
		l.path, l.lies, l.body = r.path, "", r.body
		l.see(r.now)
		if r.young {
			l.changed = tooYoung
		}
		if err := l.put(tx, k.row, r.chunks); err != nil {
			return err
		}
		for _, n := range r.nodes {
			if err := putNode(tx, k.row, n); err != nil {
				return err
			}
		}
	}
	return nil
}
