package directory

import (
	"sync"
	"time"

	"roundtable/backend/directory/chart"
	"roundtable/backend/directory/sheet"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

const (
	// maxUploads bounds the files in memory; the oldest goes first.
	maxUploads = 4
	uploadLife = time.Hour
)

// upload is a file on its way to be imported. It is in memory only.
type upload struct {
	workspace wire.SpaceID
	at        time.Time
	raw       []byte
	table     sheet.Table
	plan      *plan
}

type imports struct {
	mu  sync.Mutex
	all map[string]*upload
}

// part takes a part of a file. Errors: errcode.SheetTooLarge, errcode.ImportGone.
func (m *imports) part(id string, workspace wire.SpaceID, part []byte, now time.Time) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[string]*upload{}
	}
	if id == "" {
		oldest := ""
		for k, u := range m.all {
			if now.Sub(u.at) > uploadLife {
				delete(m.all, k)
			} else if oldest == "" || u.at.Before(m.all[oldest].at) {
				oldest = k
			}
		}
		if len(m.all) >= maxUploads {
			delete(m.all, oldest)
		}
		id = chart.NewID().String()
		m.all[id] = &upload{workspace: workspace, at: now}
	}
	u := m.all[id]
	if u == nil || u.workspace != workspace {
		return "", errcode.ImportGone
	}
	if len(u.raw)+len(part) > sheet.MaxFile {
		delete(m.all, id)
		return "", errcode.Of(errcode.SheetTooLarge, "rows", sheet.MaxRows, "columns", sheet.MaxColumns, "mib", sheet.MaxFile>>20)
	}
	u.raw = append(u.raw, part...)
	return id, nil
}

// with works on one upload, one caller at a time. Errors: errcode.ImportGone, those of do.
func (m *imports) with(id string, workspace wire.SpaceID, do func(*upload) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.all[id]
	if u == nil || u.workspace != workspace {
		return errcode.ImportGone
	}
	return do(u)
}

func (m *imports) drop(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, id)
}
