package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// maxStatements bounds what is kept; the program's queries are fixed texts, far fewer.
const maxStatements = 512

// Reader reads over several connections at once and sees what is committed.
// A query's text is prepared once per connection: parsing takes longer than
// most queries here do.
type Reader struct {
	db   *sql.DB
	mu   sync.RWMutex
	kept map[string]*sql.Stmt
}

// QueryContext is sql.DB's.
func (r *Reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := r.statement(ctx, query)
	if err != nil || s == nil {
		return r.db.QueryContext(ctx, query, args...) // gives the same error
	}
	return s.QueryContext(ctx, args...)
}

// QueryRowContext is sql.DB's.
func (r *Reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s, err := r.statement(ctx, query)
	if err != nil || s == nil {
		return r.db.QueryRowContext(ctx, query, args...) // gives the same error at Scan
	}
	return s.QueryRowContext(ctx, args...)
}

// Query is QueryContext for those without one.
func (r *Reader) Query(query string, args ...any) (*sql.Rows, error) {
	return r.QueryContext(context.Background(), query, args...)
}

// QueryRow is QueryRowContext for those without one.
func (r *Reader) QueryRow(query string, args ...any) *sql.Row {
	return r.QueryRowContext(context.Background(), query, args...)
}

// statement gives nil for a text that is not kept, because too many are.
func (r *Reader) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.RLock()
	s := r.kept[query]
	r.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.kept[query]; s != nil {
		return s, nil
	}
	if len(r.kept) >= maxStatements {
		return nil, nil
	}
	s, err := r.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	r.kept[query] = s
	return s, nil
}

func (r *Reader) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	for _, s := range r.kept {
		err = errors.Join(err, s.Close())
	}
	r.kept = map[string]*sql.Stmt{}
	return errors.Join(err, r.db.Close())
}
