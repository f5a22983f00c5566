package testspace

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/office"
	"roundtable/backend/contracts/signers"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/keychain"
	"roundtable/backend/wire"
)

// Ring is a keychain in memory.
type Ring struct {
	mu  sync.Mutex
	all map[string]string
}

// Set implements keychain.Ring.
func (r *Ring) Set(service, account, value string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[string]string{}
	}
	r.all[service+"/"+account] = value
	return nil
}

// Get implements keychain.Ring.
func (r *Ring) Get(service, account string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, there := r.all[service+"/"+account]; there {
		return v, nil
	}
	return "", keychain.ErrNoEntry
}

// Delete implements keychain.Ring.
func (r *Ring) Delete(service, account string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.all, service+"/"+account)
	return nil
}

// openOffice builds authority, keys and seals. Keys are in a folder beside the database and survive a restart.
func (d *Desk) openOffice(ctx context.Context) {
	folder := filepath.Dir(d.path)
	keys, err := signers.Open(filepath.Join(folder, "signers"), &d.ring, d.journal.logger())
	d.o.must(err, "open signing keys of "+d.Name)
	d.Office, err = office.Open(ctx, office.Deps{
		Log: d.Log, DB: d.DB, Clock: d.Clock, Slog: d.journal.logger(), Publish: d.publish, Me: d.Party, Opener: d.Seal, Name: d.People.Name,
		Signers: keys, Ring: &d.ring, Folder: folder, Fonts: glyph.System(), Tables: d.officeTables,
		Upload: func(_ context.Context, id string, most int64) ([]byte, error) {
			if filepath.Base(id) != id {
				return nil, errors.New("no upload")
			}
			return os.ReadFile(filepath.Join(folder, "upload-"+id))
		},
	})
	d.o.must(err, "open office of "+d.Name)
}

// Brings puts a file where the office looks for uploads.
func (d *Desk) Brings(id string, data []byte) {
	d.o.must(os.WriteFile(filepath.Join(filepath.Dir(d.path), "upload-"+id), data, 0o600), "bring in "+id)
}

// Says writes any event, also one that nobody may write.
func (d *Desk) Says(id wire.SpaceID, kind event.Kind, body any) {
	_, err := d.Log.Append(context.Background(), id, eventlog.Draft{Kind: kind, Body: body})
	d.o.must(err, d.Name+" says "+string(kind))
}
