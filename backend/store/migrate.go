package store

import (
	"context"
	"fmt"
)

// Migrate brings one package's tables to its latest version: steps[i] leads
// from version i to i+1. Each step and its new version number are one
// transaction. Steps are appended, never edited.
func (db *DB) Migrate(ctx context.Context, component string, steps ...string) error {
	err := db.Write(ctx, func(t *Tx) error {
		if err := t.Script(`CREATE TABLE IF NOT EXISTS store_version(component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT`); err != nil {
			return err
		}
		var at int
		if err := t.QueryRow(`SELECT coalesce(max(version), 0) FROM store_version WHERE component = ?`, component).Scan(&at); err != nil {
			return err
		}
		if at > len(steps) {
			return fmt.Errorf("tables of %s are version %d, this program knows %d: it is older than the profile", component, at, len(steps))
		}
		for _, step := range steps[at:] {
			if err := t.Script(step); err != nil {
				return err
			}
		}
		_, err := t.Exec(`INSERT INTO store_version VALUES(?, ?) ON CONFLICT DO UPDATE SET version = excluded.version`, component, len(steps))
		return err
	})
	if err != nil {
		return fmt.Errorf("migrate %s: %w", component, err)
	}
	return nil
}
