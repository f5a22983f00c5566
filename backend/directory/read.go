package directory

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"roundtable/backend/clock"
	"roundtable/backend/directory/chart"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// said reads every statement of a workspace. Reading waits for the disk and decoding for the processor, so they go side by side.
func (d *Directory) said(ctx context.Context, id wire.SpaceID) ([]chart.Said, error) {
	rows, err := d.DB.Read().QueryContext(ctx, `SELECT stamp, device, seq, person, body FROM directory_said WHERE space = ?`, id[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	var out []*chart.Said
	var work sync.WaitGroup
	var broken atomic.Pointer[error]
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	for rows.Next() {
		var stamp, seq int64
		var device, person, body []byte
		if err = rows.Scan(&stamp, &device, &seq, &person, &body); err != nil {
			break
		}
		s := &chart.Said{Stamp: clock.Stamp(stamp), Device: wire.DeviceID(device), Seq: uint64(seq), Person: wire.PersonID(person)}
		out = append(out, s)
		room <- struct{}{}
		work.Go(func() {
			defer func() { <-room }()
			if err := wire.DecodeLoose(body, wire.MaxBody, &s.Change); err != nil { // checked when it was taken in
				broken.Store(&err)
			}
		})
	}
	work.Wait()
	if bad := broken.Load(); bad != nil {
		err = *bad
	}
	if err := errors.Join(err, rows.Err()); err != nil {
		return nil, err
	}
	all := make([]chart.Said, len(out))
	for i, s := range out {
		all[i] = *s
	}
	return all, nil
}

func (d *Directory) aways(ctx context.Context, id wire.SpaceID) (map[wire.PersonID]Away, error) {
	rows, err := d.DB.Read().QueryContext(ctx, `SELECT person, kind, from_day, to_day, note FROM directory_away WHERE space = ? AND kind > 0`, id[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.PersonID]Away{}
	for rows.Next() {
		var person []byte
		var kind int64
		var a Away
		if err := rows.Scan(&person, &kind, &a.From, &a.To, &a.Note); err != nil {
			return nil, err
		}
		a.Kind = AwayKind(kind)
		out[wire.PersonID(person)] = a
	}
	return out, rows.Err()
}
