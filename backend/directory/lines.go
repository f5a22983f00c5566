package directory

import (
	"context"
	"maps"
	"slices"
	"strings"

	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// maxCaughtUp bounds the texts that one pass of the background hands on to other departments.
const maxCaughtUp = 500

// veilHeader binds a sealed field to its record.
func veilHeader(id wire.SpaceID, record chart.ID, field chart.Field) []byte {
	sum := key.Hash("roundtable directory hidden v1", id[:], record[:], []byte{byte(field)})
	return sum[:]
}

// leads are the devices of who leads a department or one above it. Administrators are not among them: they have keys of their own.
func (v *view) leads(department chart.ID) map[wire.DeviceID][]byte {
	out := map[wire.DeviceID][]byte{}
	for u := v.units[department]; u != nil; u = v.units[u.parent] {
		for i := range u.lead {
			// Whoever led a department that is gone is shown in the one above, and does not lead that one.
			here := func(p chart.Post) bool { return p.Lead && p.Department == u.id }
			m := v.members[v.rows[i].person]
			if !m.Active || v.administers(m.Person) || !slices.ContainsFunc(v.rows[i].record.Posts.Posts, here) {
				continue
			}
			for _, c := range m.Certificates {
				out[c.Device] = c.Seal
			}
		}
	}
	return out
}

// departments whose leads see what is hidden of a record, as they stand now.
func (v *view) departments(p chart.Posts) (out []chart.ID) {
	for _, post := range p.Posts {
		if id := v.chart.Here(post.Department); !id.IsZero() && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// sealer seals fields for those who may see them, and collects what has to be said so that they can. It is an administrator's.
type sealer struct {
	d      *Directory
	id     wire.SpaceID
	v      *view
	r      *ring
	admins key.EpochKey
	fit    []chart.ID // of administrators' keys; empty until the first is asked for
	lines  map[chart.ID]key.EpochKey
	given  keysGiven
}

func (d *Directory) sealer(ctx context.Context, id wire.SpaceID, v *view) (*sealer, error) {
	r, err := d.ring(ctx, id, v)
	return &sealer{d: d, id: id, v: v, r: r, lines: map[chart.ID]key.EpochKey{}}, err
}

func (s *sealer) vault(ctx context.Context) (key.EpochKey, error) {
	if len(s.fit) > 0 {
		return s.admins, nil
	}
	k, err := s.d.present(ctx, s.id, s.v, s.r)
	if err != nil {
		return k, err
	}
	s.admins, s.fit = k, append(s.v.fit(s.r), keyID(k))
	return k, nil
}

func (s *sealer) wrap(k, under key.EpochKey) {
	of, above := keyID(k), keyID(under)
	s.given.Wraps = append(s.given.Wraps, wrap{of, above, under.Seal(wrapHeader(s.id, of, above), k.Bytes())})
}

// line gives the key of a department to seal with now: the newest that nobody holds who should not, else a new one.
func (s *sealer) line(ctx context.Context, department chart.ID) (key.EpochKey, error) {
	if k, ok := s.lines[department]; ok {
		return k, nil
	}
	admins, err := s.vault(ctx)
	if err != nil {
		return admins, err
	}
	leads, seals, bad := s.v.leads(department), s.v.seals(), map[chart.ID]bool{}
	for _, said := range s.r.lines {
		if said.Department == department {
			bad[said.Key] = bad[said.Key] || !s.v.administers(said.person) ||
				slices.ContainsFunc(said.Boxes, func(b box) bool { return leads[b.Device] == nil && seals[b.Device] == nil }) ||
				slices.ContainsFunc(s.r.wraps[said.Key], func(w wrap) bool { return !slices.Contains(s.fit, w.Under) })
		}
	}
	for _, said := range slices.Backward(s.r.lines) {
		if said.Department != department || bad[said.Key] {
			continue
		}
		if k, ok := s.d.open(s.id, s.r, said.Key); ok {
			s.lines[department] = k
			return k, nil
		}
	}
	k := key.NewEpochKey()
	s.lines[department] = k
	s.wrap(k, admins)
	return k, s.box(k, department, leads)
}

// box wraps the key of a department for devices.
func (s *sealer) box(k key.EpochKey, department chart.ID, devices map[wire.DeviceID][]byte) error {
	next := line{Key: keyID(k), Department: department}
	for _, device := range slices.SortedFunc(maps.Keys(devices), func(a, b wire.DeviceID) int { return strings.Compare(string(a[:]), string(b[:])) }) {
		sealed, err := key.Wrap(devices[device], lineInfo(s.id, department, device), k.Bytes())
		if err != nil {
			return err
		}
		if next.Boxes = append(next.Boxes, box{device, sealed}); len(next.Boxes) == maxBoxes {
			s.given.Lines = append(s.given.Lines, next)
			next.Boxes = nil
		}
	}
	if len(next.Boxes) > 0 || len(devices) == 0 {
		s.given.Lines = append(s.given.Lines, next)
	}
	return nil
}

// maxBoxes of one line that this program writes.
const maxBoxes = 64

// veil seals one field. Errors: those of secret and of the log.
func (s *sealer) veil(ctx context.Context, record chart.ID, in []chart.ID, field chart.Field, level chart.Level, text string) (chart.Veil, error) {
	out := chart.Veil{Field: field, Level: level}
	text, err := secret(text)
	if err != nil || level == chart.Everybody {
		return out, err
	}
	admins, err := s.vault(ctx)
	if err != nil {
		return out, err
	}
	k := key.NewEpochKey()
	s.wrap(k, admins)
	out.Key, out.Sealed = keyID(k), k.Seal(veilHeader(s.id, record, field), []byte(text))
	if level != chart.Leads {
		return out, nil
	}
	return out, s.share(ctx, k, in)
}

// share hands the key of a text on to leads of departments.
func (s *sealer) share(ctx context.Context, k key.EpochKey, in []chart.ID) error {
	for _, department := range in {
		above, err := s.line(ctx, department)
		if err != nil {
			return err
		}
		s.wrap(k, above)
	}
	return nil
}

// lacking lists departments whose leads the key of a text was not handed to yet.
func (r *ring) lacking(of chart.ID, in []chart.ID) (out []chart.ID) {
	for _, department := range in {
		if !slices.ContainsFunc(r.wraps[of], func(w wrap) bool { return r.where[w.Under] == department }) {
			out = append(out, department)
		}
	}
	return out
}

// drafts are the events that say what was collected.
func (s *sealer) drafts() (out []eventlog.Draft) {
	next, size := keysGiven{}, 0
	room := func(n int) {
		if size+n > maxEvent || len(next.Lines)+len(next.Wraps) >= maxGiven {
			out = append(out, eventlog.Draft{Kind: KeysGiven, Body: next})
			next, size = keysGiven{}, 0
		}
		size += n
	}
	for _, l := range s.given.Lines {
		room(len(wire.MustEncode(l)))
		next.Lines = append(next.Lines, l)
	}
	for _, w := range s.given.Wraps {
		room(len(wire.MustEncode(w)))
		next.Wraps = append(next.Wraps, w)
	}
	if size > 0 {
		out = append(out, eventlog.Draft{Kind: KeysGiven, Body: next})
	}
	return out
}

// reveal opens a hidden field. ok is false where this device was not handed its key.
func (d *Directory) reveal(id wire.SpaceID, r *ring, record chart.ID, veil *chart.Veil) (text string, ok bool) {
	k, ok := d.open(id, r, veil.Key)
	if !ok {
		return "", false
	}
	raw, err := k.Open(veilHeader(id, record, veil.Field), veil.Sealed)
	return string(raw), err == nil
}

// handLines gives keys of departments to who leads them by now, and keys of texts to departments that people work in by now.
func (d *Directory) handLines(ctx context.Context, id wire.SpaceID, v *view, r *ring) error {
	s, err := d.sealer(ctx, id, v)
	if err != nil {
		return err
	}
	used, caught := map[chart.ID]bool{}, 0
	for _, e := range v.chart.Entries {
		for _, veil := range e.Hidden {
			if veil == nil || veil.Level != chart.Leads {
				continue
			}
			for _, w := range r.wraps[veil.Key] {
				used[w.Under] = true
			}
			lacking := r.lacking(veil.Key, v.departments(e.Posts))
			if len(lacking) == 0 || caught >= maxCaughtUp {
				continue
			}
			if k, ok := d.open(id, r, veil.Key); ok {
				if err := s.share(ctx, k, lacking); err != nil {
					return err
				}
				caught++
			}
		}
	}
	held := map[chart.ID]map[wire.DeviceID][]byte{}
	department := map[chart.ID]chart.ID{}
	for _, said := range r.lines {
		if !used[said.Key] {
			continue
		}
		if held[said.Key] == nil {
			held[said.Key], department[said.Key] = v.leads(said.Department), said.Department
		}
		for _, b := range said.Boxes {
			delete(held[said.Key], b.Device)
		}
	}
	for of, devices := range held {
		k, ok := d.open(id, r, of)
		if !ok || len(devices) == 0 {
			continue
		}
		if err := s.box(k, department[of], devices); err != nil {
			return err
		}
	}
	drafts := s.drafts()
	if len(drafts) == 0 {
		return nil
	}
	_, err = d.Log.Append(ctx, id, drafts...)
	d.Changed()
	return err
}

// levels and veiled fields as the door names them.
var (
	levels = map[chart.Level]string{chart.Everybody: "everybody", chart.Leads: "leads", chart.Administrators: "administrators"}
	veiled = map[chart.Field]string{chart.Phones: "phones", chart.Email: "email", chart.Place: "place", chart.Remark: "note"}
)

func byName[K comparable](names map[K]string, name string) (k K, err error) {
	for k, text := range names {
		if text == name {
			return k, nil
		}
	}
	return k, errcode.InvalidArgument
}
