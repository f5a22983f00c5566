package directory

import (
	"strings"

	"roundtable/backend/directory/chart"
	"roundtable/backend/wire"
)

// row is one person.
type row struct {
	record *chart.Entry // nil for a member without one
	person wire.PersonID
	name   string
	own    *Profile // never nil
	away   Away
	sort   string
	// units where the person works, as they are shown, the main one first.
	units []chart.ID
}

// as finds the row of the same record, or member, in a view that may be nil.
func (v *view) as(r *row) *row {
	if v == nil {
		return nil
	}
	i, ok := v.persons[r.person]
	if r.record != nil {
		i, ok = v.records[r.record.ID]
	}
	if !ok {
		return nil
	}
	return &v.rows[i]
}

// id orders rows of one name, the same at every start.
func (r *row) id() (out [32]byte) {
	copy(out[:], r.person[:])
	if r.record != nil {
		out = [32]byte{}
		copy(out[:], r.record.ID[:])
	}
	return out
}

// key is what the door calls a row.
func (r *row) key() string {
	if !r.person.IsZero() {
		return r.person.String()
	}
	return recordKey(r.record.ID)
}

// rowOf finds a row by its key; that of a record is good also for who is in the workspace.
func (v *view) rowOf(key string) (at int, ok bool) {
	if text, record := strings.CutPrefix(key, "rec_"); record {
		id, err := chart.ParseID(text)
		if err != nil {
			return 0, false
		}
		at, ok = v.records[id]
		return at, ok
	}
	person, err := wire.ParsePersonID(key)
	if err != nil {
		return 0, false
	}
	at, ok = v.persons[person]
	return at, ok
}

func recordKey(id chart.ID) string { return "rec_" + id.String() }
