package folders_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"roundtable/backend/eventlog"
	"roundtable/backend/folders"
	"roundtable/backend/testspace"
)

// past is a random history: what several devices said, each knowing a part of what
// the others had said by then.
type past struct {
	rnd   *rand.Rand
	feeds []*feed
	lines int
}

type feed struct {
	name string
	said []said
	// known is how far it has heard the others.
	known []int
}

// said is one event with the versions that it makes.
type said struct {
	line string
	body any
	made []made
}

type made struct {
	path string
	id   []byte
}

func newPast(seed uint64) *past {
	p := &past{rnd: rand.New(rand.NewPCG(seed, 11))}
	for i := range 4 {
		p.feeds = append(p.feeds, &feed{name: fmt.Sprint("d", i), known: make([]int, 4)})
	}
	for range 60 {
		p.step()
	}
	return p
}

func (p *past) step() {
	f := p.feeds[p.rnd.IntN(len(p.feeds))]
	for i, other := range p.feeds {
		if p.rnd.IntN(3) == 0 {
			f.known[i] += p.rnd.IntN(len(other.said) - f.known[i] + 1)
		}
	}
	p.lines++
	seq := uint64(len(f.said) + 1)
	line := fmt.Sprintf("F %s@1:%d %d", f.name, seq, 100+p.rnd.IntN(200)*10)
	var one said
	switch n := p.rnd.IntN(20); {
	case n == 0:
		one = said{line + " folders.named", map[int]string{1: fmt.Sprint("名", p.rnd.IntN(9))}, nil}
	case n < 3:
		one = said{line + " folders.chunks_packed", packs(uint64(p.rnd.IntN(30)), pack(10, nil, string(rune('a'+p.rnd.IntN(3)))), pack(10, nil, "cde")), nil}
	default:
		one = p.entries(f, seq)
		one.line = line + " folders.entries_changed"
	}
	f.said = append(f.said, one)
}

// entries changes some paths, knowing of some of what was there.
func (p *past) entries(f *feed, seq uint64) (one said) {
	var all []fields
	for range 1 + p.rnd.IntN(3) {
		path := fmt.Sprint("p", p.rnd.IntN(5))
		if p.rnd.IntN(4) == 0 {
			path = "d/" + path
		}
		if slices.ContainsFunc(one.made, func(m made) bool { return m.path == path }) {
			continue
		}
		var seen [][]byte
		for i, other := range p.feeds {
			for _, s := range other.said[:f.known[i]] {
				for _, m := range s.made {
					if m.path == path && p.rnd.IntN(3) > 0 {
						seen = append(seen, m.id)
					}
				}
			}
		}
		e := fields{1: path, 3: p.rnd.IntN(4), 7: seen[:min(len(seen), 64)]}
		switch p.rnd.IntN(6) {
		case 0: // removed
		case 1:
			e[2] = 2
		case 2:
			e[2], e[6] = 3, "p1"
		default:
			e = file(path, byte('a'+p.rnd.IntN(4)), 9, e)
		}
		if p.rnd.IntN(5) == 0 && e[2] == 1 { // a copy, which replaces what stood where it comes from
			e[1], e[8], e[9] = fmt.Sprint(path, " (conflict ", f.name, p.rnd.IntN(3), ")"), 2, path
		}
		if p.rnd.IntN(12) == 0 { // hostile: names itself
			e[7] = versions(version(f.name, seq, len(all)))
		}
		one.made = append(one.made, made{e[1].(string), version(f.name, seq, len(all))})
		all = append(all, e)
	}
	one.body = entries(all...)
	return one
}

// order is one of the many in which a device may hear of it: each feed from its
// beginning.
func (p *past) order(b *testspace.Bench, rnd *rand.Rand) (out []eventlog.Event) {
	next := make([]int, len(p.feeds))
	for len(out) < p.lines {
		i := rnd.IntN(len(p.feeds))
		for n := 1 + rnd.IntN(8); n > 0 && next[i] < len(p.feeds[i].said); n-- {
			s := p.feeds[i].said[next[i]]
			e, _ := b.Event(s.line, s.body)
			out = append(out, e)
			next[i]++
		}
	}
	return out
}

// Any order gives the same tables, and counts that are what the rows say.
func TestAnyOrderSameTables(t *testing.T) {
	for seed := range uint64(12) {
		p := newPast(seed)
		var first map[string]string
		for n := range uint64(3) {
			b := testspace.NewBench(t, folders.NewProjection())
			for _, e := range p.order(b, rand.New(rand.NewPCG(seed, n))) {
				b.Takes(e, false)
			}
			rows, err := b.Runner.Tables(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{"": b.Rows(tables...)}
			for name, one := range rows {
				got[name] = fmt.Sprint(one)
			}
			counted(t, b)
			if first == nil {
				first = got
			}
			for name := range first {
				if diff := testspace.Differ(first[name], got[name]); diff != "" {
					t.Fatalf("seed %d, order %d, %s: %s", seed, n, name, diff)
				}
			}
		}
	}
}

// counted compares what is added up with the rows, and looks that one version stands
// wherever one is not replaced.
func counted(t *testing.T, b *testspace.Bench) {
	t.Helper()
	var files, bytes, f, n, torn int64
	row := b.DB.Read().QueryRow(`SELECT s.files, s.bytes, (SELECT count(*) FROM folders_version WHERE state = 2 AND kind = 1),
		(SELECT coalesce(sum(size), 0) FROM folders_version WHERE state = 2 AND kind = 1),
		(SELECT count(*) FROM (SELECT sum(state = 2) AS s, sum(state > 0) AS u FROM folders_version GROUP BY parent, name) WHERE s <> (u > 0)) FROM folders_space s`)
	if err := row.Scan(&files, &bytes, &f, &n, &torn); err != nil {
		t.Fatal(err)
	}
	if files != f || bytes != n || torn > 0 {
		t.Fatalf("%d files of %d bytes are counted, %d of %d stand; %d paths where not one version stands", files, bytes, f, n, torn)
	}
}
