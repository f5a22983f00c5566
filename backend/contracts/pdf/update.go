package pdf

import (
	"bytes"
	"crypto/md5" // the ID of a file is no secret and no proof
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// Update is what one saving appends to a file (ISO 32000-2, 7.5.6).
type Update struct {
	f       *File
	objects map[Ref]Object
	next    uint32
	root    Dict // of the trailer: changed keys
}

// Update begins one.
func (f *File) Update() *Update {
	return &Update{f: f, objects: map[Ref]Object{}, next: max(1, f.Objects()), root: Dict{}}
}

// Add gives a new object its number.
func (u *Update) Add(o Object) Ref {
	ref := Ref{Num: u.next}
	u.next++
	u.objects[ref] = o
	return ref
}

// Set replaces an object, or fills one that was added.
func (u *Update) Set(ref Ref, o Object) { u.objects[ref] = o }

// Get gives an object as it will be.
func (u *Update) Get(ref Ref) (Object, error) {
	if o, is := u.objects[ref]; is {
		return o, nil
	}
	return u.f.Get(ref)
}

// Dict gives a dictionary as it will be, to change; nothing gives an empty one.
func (u *Update) Dict(o Object) (Dict, error) {
	for range maxDepth {
		ref, is := o.(Ref)
		if !is {
			break
		}
		var err error
		if o, err = u.Get(ref); err != nil {
			return nil, err
		}
	}
	d, err := u.f.Dict(o)
	return d.Clone(), err
}

// Bytes gives what goes behind the file's own bytes. Holes know their places afterwards.
func (u *Update) Bytes() ([]byte, error) {
	if u.next > maxObject {
		return nil, ErrLimit
	}
	base := u.f.size
	out := []byte("\n")
	places := map[uint32]entry{}
	refs := slices.SortedFunc(maps.Keys(u.objects), func(a, b Ref) int { return int(a.Num) - int(b.Num) })
	var err error
	for _, ref := range refs {
		places[ref.Num] = entry{kind: plainly, gen: ref.Gen, at: base + int64(len(out)) - u.f.shift}
		if out, err = appendIndirect(out, ref, u.objects[ref], base); err != nil {
			return nil, err
		}
	}
	// A damaged file gets cross-references of everything: its own lead nowhere.
	if u.f.Rebuilt {
		for num, e := range u.f.table {
			if _, newer := places[uint32(num)]; !newer && (e.kind == plainly || e.kind == compressed) {
				places[uint32(num)] = e
			}
		}
	}
	at := base + int64(len(out)) - u.f.shift
	if u.streams() {
		out, err = u.appendStream(out, places, at)
	} else {
		out, err = u.appendTable(out, places)
	}
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(out, "startxref\n%d\n%%%%EOF\n", at), nil
}

// streams says in which style the update's cross-references are: as those of the file, since
// a reader that only knows tables shall go on to read it, and one may not follow the other.
func (u *Update) streams() bool {
	if !u.f.Rebuilt {
		return u.f.Sections[0].Stream
	}
	return slices.ContainsFunc(u.f.table, func(e entry) bool { return e.kind == compressed })
}

// trailer is that of the update: what the file's latest says, with what changed.
func (u *Update) trailer() Dict {
	d := Dict{"Size": Int(max(u.next, u.f.Objects()))}
	for _, k := range []Name{"Root", "Info", "ID"} {
		if v := u.f.Trailer[k]; v != nil {
			d[k] = v
		}
	}
	if !u.f.Rebuilt {
		d["Prev"] = Int(u.f.Sections[0].At - u.f.shift)
	}
	maps.Copy(d, u.root)
	return d
}

// fileID gives the file a new second half of its ID (ISO 32000-2, 14.4), from what was written.
func (u *Update) fileID(d Dict, out []byte) {
	sum := md5.Sum(out) // see above
	first := String(sum[:])
	if id, err := u.f.Array(d["ID"]); err == nil && len(id) == 2 {
		if s, is := id[0].(String); is {
			first = s
		}
	}
	d["ID"] = Array{first, String(sum[:])}
}

func (u *Update) appendTable(out []byte, places map[uint32]entry) ([]byte, error) {
	d := u.trailer()
	u.fileID(d, out)
	out = append(out, "xref\n"...)
	if u.f.Rebuilt {
		places[0] = entry{kind: free, gen: 0xffff}
	}
	for _, run := range consecutive(places) {
		out = fmt.Appendf(out, "%d %d\n", run[0], len(run))
		for _, num := range run {
			e, use := places[num], 'n'
			if e.kind == free {
				use = 'f'
			}
			out = fmt.Appendf(out, "%010d %05d %c\r\n", e.at, e.gen, use)
		}
	}
	out = append(out, "trailer\n"...)
	out, err := appendObject(out, d, 0, 0)
	return append(out, '\n'), err
}

func (u *Update) appendStream(out []byte, places map[uint32]entry, at int64) ([]byte, error) {
	self := Ref{Num: u.next}
	u.next++
	places[self.Num] = entry{kind: plainly, at: at}
	if u.f.Rebuilt {
		places[0] = entry{kind: free, gen: 0xffff}
	}
	d := u.trailer()
	u.fileID(d, out)
	var index Array
	var rows bytes.Buffer
	for _, run := range consecutive(places) {
		index = append(index, Int(run[0]), Int(len(run)))
		for _, num := range run {
			e := places[num]
			var row [11]byte
			row[0] = byte(e.kind - free)
			binary.BigEndian.PutUint64(row[1:], uint64(e.at))
			last := uint16(e.slot)
			if e.kind != compressed {
				last = e.gen
			}
			binary.BigEndian.PutUint16(row[9:], last)
			rows.Write(row[:])
		}
	}
	d["Type"], d["W"], d["Index"] = Name("XRef"), Array{Int(1), Int(8), Int(2)}, index
	d["Size"] = Int(max(u.next, u.f.Objects()))
	return appendIndirect(out, self, &Stream{Dict: d, Data: rows.Bytes()}, 0)
}

// consecutive puts numbers into runs without gaps.
func consecutive(places map[uint32]entry) (runs [][]uint32) {
	for _, num := range slices.Sorted(maps.Keys(places)) {
		if n := len(runs); n > 0 && runs[n-1][len(runs[n-1])-1]+1 == num {
			runs[n-1] = append(runs[n-1], num)
			continue
		}
		runs = append(runs, []uint32{num})
	}
	return runs
}
