package eventlog

import (
	"context"

	"roundtable/backend/envelope"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Shares reports whether a space may be exchanged with a device: that one
// belongs to it now and, where the space lies in a workspace that is known here,
// to that as well; this one belongs to it or did. Who left still has to tell the
// others that it did, and hears from them when it is let in again: everything it
// holds, they may hold.
func (l *Log) Shares(id wire.SpaceID, device wire.DeviceID) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	if sl == nil {
		return false
	}
	s := sl.machine.State()
	if _, in := s.MemberOf(device); !in {
		return false
	}
	if _, known := s.Person(l.self); !known {
		return false
	}
	if parent := l.spaces[s.Workspace]; parent != nil {
		_, in := parent.machine.State().MemberOf(device)
		return in
	}
	return true
}

// Begun reports whether the control events of a space have begun to count here.
func (l *Log) Begun(id wire.SpaceID) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	return sl != nil && sl.machine.State().Kind != 0
}

// Colleague reports whether a device belongs now to a workspace, or a meeting with guests, that
// this device belongs to or did.
func (l *Log) Colleague(device wire.DeviceID) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, sl := range l.spaces {
		s := sl.machine.State()
		if !s.Kind.Standalone() {
			continue
		}
		_, in := s.MemberOf(device)
		_, known := s.Person(l.self)
		if in && known {
			return true
		}
	}
	return false
}

// Farewell lists what a device that was removed from a space may still be told:
// the control feeds up to its removal. ok is false for everybody else.
func (l *Log) Farewell(id wire.SpaceID, device wire.DeviceID) (out map[envelope.Feed]uint64, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	if sl == nil {
		return nil, false
	}
	person, known := sl.machine.Person(device)
	if m, _ := sl.machine.State().Member(person); !known || m.Active {
		return nil, false
	}
	return sl.machine.Farewell(person)
}

// Former reports whether a device and this one were in a workspace together and
// one of them is no more: the other may not have heard of it.
func (l *Log) Former(device wire.DeviceID) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, sl := range l.spaces {
		s := sl.machine.State()
		if !s.Kind.Standalone() {
			continue
		}
		_, theirs := sl.machine.Person(device)
		_, ours := sl.machine.Person(l.self)
		_, they := s.MemberOf(device)
		_, we := s.MemberOf(l.self)
		if theirs && ours && they != we {
			return true
		}
	}
	return false
}

// Forget drops a space that does not name this device. One that does is kept.
func (l *Log) Forget(ctx context.Context, id wire.SpaceID) error {
	return l.db.Write(ctx, func(tx *store.Tx) error {
		sl := l.spaces[id]
		if sl == nil {
			return nil
		}
		if _, named := sl.machine.State().Person(l.self); named {
			return nil // it was let in a moment ago
		}
		l.touch(tx, id)
		for _, q := range []string{
			`DELETE FROM log_held WHERE feed IN (SELECT id FROM log_feed WHERE space = ?)`,
			`DELETE FROM log_fork WHERE feed IN (SELECT id FROM log_feed WHERE space = ?)`,
			`DELETE FROM log_event WHERE feed IN (SELECT id FROM log_feed WHERE space = ?)`,
			`DELETE FROM log_aside WHERE feed IN (SELECT id FROM log_feed WHERE space = ?)`,
			`DELETE FROM log_feed WHERE space = ?`, `DELETE FROM log_epoch WHERE space = ?`,
			`DELETE FROM log_single WHERE space = ?`, `DELETE FROM log_secret WHERE space = ?`, `DELETE FROM log_space WHERE id = ?`,
		} {
			if _, err := tx.Exec(q, sl.row); err != nil {
				return err
			}
		}
		l.mu.Lock()
		delete(l.spaces, id)
		l.mu.Unlock()
		return nil
	})
}

// Forks counts the feeds that contradict themselves.
func (l *Log) Forks(ctx context.Context) (n int, err error) {
	err = l.db.Read().QueryRowContext(ctx, `SELECT count(*) FROM log_fork`).Scan(&n)
	return n, store.Classify(err)
}
