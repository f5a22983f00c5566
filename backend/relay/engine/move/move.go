package move

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"roundtable/backend/relay/engine"
	"roundtable/backend/wire"
)

// ErrIncomplete: everything was tried, and something is not at the target. Move
// names the first of it.
var ErrIncomplete = errors.New("not everything was moved")

const (
	// workers move spaces side by side, so that their writes share flushes.
	workers = 8
	// listPage is how many spaces are listed at a time.
	listPage = 500
	// maxProblems bounds what an error names.
	maxProblems = 20
	// countWithin is how long the target's usage may take to tell of what is stored.
	countWithin = 20 * time.Second
)

// Progress tells what has been done so far in this run. Envelopes may count some
// that an interrupted run had brought already.
type Progress struct {
	Records, Grants, Envelopes, Chunks, Bytes int64
	// Spaces were looked through; in the second pass, Checked, to see that nothing is missing.
	Spaces, Checked int64
}

// Move copies from one engine to another: the records of the kinds named, and
// every space that has a list. It passes twice; the second pass checks (and takes
// what came meanwhile). progress may be nil; it is called from one goroutine at a time.
//
// Errors: of the engines, at the first one; ErrIncomplete when the target
// contradicts the source or the source has swept what was not moved yet.
func Move(ctx context.Context, from, to engine.Engine, kinds []string, progress func(Progress)) error {
	if from.Store() == to.Store() {
		return errors.New("move store: source and target are the same")
	}
	m := &mover{from: from, to: to, progress: progress, before: map[engine.Tenant]engine.Usage{}}
	if err := m.records(ctx, kinds); err != nil {
		return fmt.Errorf("move records: %w", err)
	}
	if err := m.pass(ctx, func(p *Progress) { p.Spaces++ }); err != nil {
		return fmt.Errorf("move spaces: %w", err)
	}
	met := m.problems
	m.problems = nil // the second pass finds again what is still one
	if err := m.pass(ctx, func(p *Progress) { p.Checked++ }); err != nil {
		return fmt.Errorf("check spaces: %w", err)
	}
	if len(m.problems) > 0 {
		return fmt.Errorf("move store: %w: %w", ErrIncomplete, errors.Join(append(met, m.problems...)...))
	}
	return m.counts(ctx)
}

// mover is one run.
type mover struct {
	from, to engine.Engine
	progress func(Progress)

	mu       sync.Mutex
	done     Progress
	problems []error
	// before is what the source said of each tenant when the run met it first.
	before map[engine.Tenant]engine.Usage
}

// did counts something and tells.
func (m *mover) did(count func(*Progress)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	count(&m.done)
	if m.progress != nil {
		m.progress(m.done)
	}
}

// problem takes note of something that is not at the target; the run goes on.
func (m *mover) problem(space wire.SpaceID, format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.problems) < maxProblems {
		m.problems = append(m.problems, fmt.Errorf("space %s: %w", space, fmt.Errorf(format, args...)))
	}
}

// pass looks through all spaces, several at a time. The first error ends it.
func (m *mover) pass(ctx context.Context, count func(*Progress)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	spaces := make(chan wire.SpaceID)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for id := range spaces {
				if err := m.space(ctx, id); err != nil {
					cancel(fmt.Errorf("space %s: %w", id, err))
					return
				}
				m.did(count)
			}
		})
	}
	if err := m.list(ctx, spaces); err != nil {
		cancel(err)
	}
	close(spaces)
	wg.Wait()
	return context.Cause(ctx)
}

func (m *mover) list(ctx context.Context, spaces chan<- wire.SpaceID) error {
	var after wire.SpaceID
	for {
		page, err := m.from.Lists(ctx, after, listPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, id := range page {
			select {
			case spaces <- id:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		after = page[len(page)-1]
	}
}

// met takes note of what a tenant has at the source.
func (m *mover) met(ctx context.Context, tenant engine.Tenant) error {
	m.mu.Lock()
	_, known := m.before[tenant]
	m.mu.Unlock()
	if known {
		return nil
	}
	u, err := m.from.Usage(ctx, tenant)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.before[tenant]; !known {
		m.before[tenant] = u
	}
	return nil
}

// counts compares what tenants have: the target has no less than what the source
// had before and has now (it may have swept meanwhile).
func (m *mover) counts(ctx context.Context) error {
	for tenant, before := range m.before {
		now, err := m.from.Usage(ctx, tenant)
		if err != nil {
			return fmt.Errorf("check counts: %w", err)
		}
		want := engine.Usage{Envelopes: min(before.Envelopes, now.Envelopes), Chunks: min(before.Chunks, now.Chunks)}
		got, err := m.counted(ctx, tenant, want)
		if err != nil {
			return fmt.Errorf("check counts: %w", err)
		}
		if got.Envelopes < want.Envelopes || got.Chunks < want.Chunks {
			return fmt.Errorf("check counts: %w: an organisation had %d envelopes and %d chunks, at the target it has %d and %d",
				ErrIncomplete, want.Envelopes, want.Chunks, got.Envelopes, got.Chunks)
		}
	}
	return nil
}

// counted asks the target until it has counted what is there: a cluster takes a moment.
func (m *mover) counted(ctx context.Context, tenant engine.Tenant, want engine.Usage) (engine.Usage, error) {
	deadline := time.Now().Add(countWithin)
	for {
		got, err := m.to.Usage(ctx, tenant)
		if err != nil || got.Envelopes >= want.Envelopes && got.Chunks >= want.Chunks || time.Now().After(deadline) {
			return got, err
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return got, ctx.Err()
		}
	}
}
