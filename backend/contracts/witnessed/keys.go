package witnessed

import (
	"context"
	"errors"
	"fmt"

	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// What a key is for, in witnessed_key.
const (
	logUse     = 0
	witnessUse = 1
)

// firstKey reports whether a key is the one that counts of a device in a space: the first that it used there. Another one would be a second
// history that no witness compares with the first. What came of a later key before is dropped, so the order in which feeds arrive changes nothing.
func firstKey(tx *projection.Tx, e eventlog.Event, use int, key string) (is bool, err error) {
	var start, seq int64
	have := ""
	rows, err := tx.Query(`SELECT start, seq, key FROM witnessed_key WHERE space = ? AND device = ? AND use = ?`, e.Space[:], e.Feed.Device[:], use)
	if err != nil {
		return false, err
	}
	for rows.Next() {
		err = errors.Join(err, rows.Scan(&start, &seq, &have))
	}
	if err = errors.Join(err, rows.Close()); err != nil {
		return false, err
	}
	earlier := have == "" || int64(e.Feed.Start) < start || int64(e.Feed.Start) == start && int64(e.Seq) < seq
	if !earlier {
		return have == key, nil
	}
	if have != "" && have != key {
		queries := []string{`DELETE FROM witnessed_cosigned WHERE space = ? AND device = ? AND witness = ?`}
		if use == logUse {
			queries = []string{`DELETE FROM witnessed_entry WHERE space = ?1 AND log = ?3`, `DELETE FROM witnessed_checkpoint WHERE space = ? AND device = ? AND log = ?`}
		}
		for _, q := range queries {
			if _, err := tx.Exec(q, e.Space[:], e.Feed.Device[:], have); err != nil {
				return false, err
			}
		}
	}
	_, err = tx.Exec(`INSERT OR REPLACE INTO witnessed_key VALUES(?, ?, ?, ?, ?, ?)`, e.Space[:], e.Feed.Device[:], use, int64(e.Feed.Start), int64(e.Seq), key)
	return true, err
}

// known keeps the key of another device's log, the first that this witness is asked about in whatever contract, and reports whether a key is that one.
func (w *Witnessed) known(ctx context.Context, device wire.DeviceID, key string) (is bool, err error) {
	err = w.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO witnessedlocal_log VALUES(?, ?)`, device[:], key); err != nil {
			return err
		}
		var have string
		if err := tx.QueryRow(`SELECT log FROM witnessedlocal_log WHERE device = ?`, device[:]).Scan(&have); err != nil {
			return err
		}
		is = have == key
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("keep the key of a log: %w", err)
	}
	return is, nil
}
