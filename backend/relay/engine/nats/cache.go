package nats

import (
	"context"
	"sync"
)

// memory remembers what was used lately: two generations, of which the older is
// dropped when the younger is full.
type memory[K comparable, V any] struct {
	mu         sync.Mutex
	most       int // of a generation
	young, old map[K]V
}

func newMemory[K comparable, V any](most int) *memory[K, V] {
	return &memory[K, V]{most: most, young: map[K]V{}}
}

func (m *memory[K, V]) get(k K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.young[k]
	if !ok {
		if v, ok = m.old[k]; ok {
			m.putLocked(k, v)
		}
	}
	return v, ok
}

func (m *memory[K, V]) put(k K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.putLocked(k, v)
}

// change replaces a value by what f makes of it (or of the zero value).
func (m *memory[K, V]) change(k K, f func(V) V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.young[k]
	if !ok {
		v = m.old[k]
	}
	m.putLocked(k, f(v))
}

func (m *memory[K, V]) putLocked(k K, v V) {
	if len(m.young) >= m.most {
		m.old, m.young = m.young, map[K]V{}
	}
	m.young[k] = v
}

func (m *memory[K, V]) drop(k K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.young, k)
	delete(m.old, k)
}

// locks has a lock for each key that somebody holds or waits for.
type locks[K comparable] struct {
	mu   sync.Mutex
	held map[K]*turn
}

type turn struct {
	free  chan struct{}
	users int
}

func newLocks[K comparable]() *locks[K] { return &locks[K]{held: map[K]*turn{}} }

// lock waits for its turn as long as ctx allows.
func (l *locks[K]) lock(ctx context.Context, k K) (unlock func(), err error) {
	l.mu.Lock()
	t := l.held[k]
	if t == nil {
		t = &turn{free: make(chan struct{}, 1)}
		t.free <- struct{}{}
		l.held[k] = t
	}
	t.users++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if t.users--; t.users == 0 {
			delete(l.held, k)
		}
	}
	select {
	case <-t.free:
		return func() { t.free <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
