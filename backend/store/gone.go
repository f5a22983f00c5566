package store

import (
	"context"
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// failed looks whether an error has ended the transaction: on a full disk and
// some other errors SQLite undoes all of it by itself. Whatever were written then
// would be committed at once, statement by statement; so nothing more is.
func (t *Tx) failed(err error) error {
	var e *sqlite.Error
	if t.gone != nil || !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT:
		// Within a transaction BEGIN is refused and changes nothing.
		ctx := context.Background()
		if _, refused := t.conn.ExecContext(ctx, "BEGIN"); refused == nil {
			_, _ = t.conn.ExecContext(ctx, "ROLLBACK")
			t.gone = err
		}
	}
	return err
}
