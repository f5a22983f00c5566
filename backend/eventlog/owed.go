package eventlog

import "roundtable/backend/wire"

// Owed reports whether a device that was removed, or left, still has content that
// counts and is not here: what it wrote before is taken from it, and nothing is
// given in return.
func (l *Log) Owed(id wire.SpaceID, device wire.DeviceID) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	if sl == nil {
		return false
	}
	for name, seq := range sl.machine.State().Cuts(device) {
		if f := sl.feeds[name]; seq > 0 && (f == nil || f.durable < seq) {
			return true
		}
	}
	return false
}
