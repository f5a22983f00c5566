package projection

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"roundtable/backend/store"
)

// Logical is implemented by a projection whose tables hold more than follows
// from the log: names that depend on when something was seen first, rows shown
// ahead of their turn. It gives a query for each such table in place of
// SELECT *; an empty one leaves the table out.
type Logical interface {
	Logical() map[string]string
}

// Rows is a table as a multiset of row hashes: two tables with equal rows have
// equal Rows, in whatever order the rows came.
type Rows map[[32]byte]int

// Differ counts the rows that only one of two tables has.
func (r Rows) Differ(other Rows) (n int) {
	for h, c := range r {
		n += max(c-other[h], 0)
	}
	for h, c := range other {
		n += max(c-r[h], 0)
	}
	return n
}

// Tables reads every table of every projection.
func (r *Runner) Tables(ctx context.Context) (map[string]Rows, error) {
	out := map[string]Rows{}
	for _, p := range r.all {
		names, err := r.names(ctx, p)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			query := `SELECT * FROM "` + name + `"`
			if l, ok := p.(Logical); ok {
				if q, named := l.Logical()[name]; named {
					query = q
				}
			}
			if query == "" {
				continue
			}
			if out[name], err = r.rows(ctx, query); err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
		}
	}
	return out, nil
}

func (r *Runner) names(ctx context.Context, p Projection) ([]string, error) {
	rows, err := r.db.Read().QueryContext(ctx, `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, store.Classify(err)
		}
		if strings.HasPrefix(name, p.Name()+"_") {
			out = append(out, name)
		}
	}
	return out, store.Classify(rows.Err())
}

func (r *Runner) rows(ctx context.Context, query string) (Rows, error) {
	rows, err := r.db.Read().QueryContext(ctx, query)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values := make([]any, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	out := Rows{}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, store.Classify(err)
		}
		h := sha256.New()
		for _, v := range values {
			text := fmt.Sprintf("%T %v", v, v)
			fmt.Fprintf(h, "%d:%s", len(text), text)
		}
		out[[32]byte(h.Sum(nil))]++
	}
	return out, store.Classify(rows.Err())
}
