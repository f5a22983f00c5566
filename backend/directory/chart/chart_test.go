package chart

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"roundtable/backend/clock"
	"roundtable/backend/wire"
)

func text(s string) *string { return &s }

func person(name string) (p wire.PersonID) { copy(p[:], name); return p }

func id(name string) (i ID) { copy(i[:], name); return i }

func boss(p wire.PersonID) bool { return p == person("boss") || p == person("chief") }

// teller writes statements, each with a later stamp.
type teller struct {
	all []Said
}

func (t *teller) says(who string, c Change) {
	c.Batch, c.Why = id("batch"), Edit
	t.all = append(t.all, Said{Stamp: clock.Stamp(len(t.all) + 1), Device: wire.DeviceID{1}, Seq: uint64(len(t.all) + 1), Person: person(who), Change: c})
}

func unit(name, parent string) Department {
	return Department{ID: id(name), Name: text(name), Where: &Where{Parent: id(parent)}}
}

func works(who string, in ...string) Record {
	p := &Posts{}
	for _, d := range in {
		p.Posts = append(p.Posts, Post{Department: id(d)})
	}
	return Record{ID: id(who), Name: &Name{Name: who}, Posts: p}
}

// Random statements by random people, in any order: one chart.
func TestAnyOrderSameChart(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
		units := []string{"", "a", "b", "c", "d", "e"}
		tell := &teller{}
		for range 120 {
			who := pick("boss", "chief", "dora", "eve", "mallory")
			switch rnd.IntN(7) {
			case 0, 1:
				d := unit(pick(units[1:]...), pick(units...))
				if d.ID == d.Where.Parent {
					continue
				}
				tell.says(who, Change{Departments: []Department{d}})
			case 2:
				gone := rnd.IntN(2) == 0
				tell.says(who, Change{Departments: []Department{{ID: id(pick(units[1:]...)), Gone: &gone}}})
			case 3:
				tell.says(who, Change{Records: []Record{works(pick("x", "y", "z"), pick(units[1:]...))}})
			case 4:
				tell.says(who, Change{Records: []Record{{ID: id(pick("x", "y", "z")), Bind: &Bind{Person: person(pick("m", "n"))}}}})
			case 6:
				veil := Veil{Field: Field(1 + rnd.IntN(4)), Level: Level(rnd.IntN(3))}
				if veil.Level != Everybody {
					veil.Key, veil.Sealed = id("key"), []byte{byte(rnd.IntN(9))}
				}
				tell.says(who, Change{Hidden: []Hidden{{Record: id(pick("x", "y", "z")), Veils: []Veil{veil}}}})
			case 5:
				tell.says(who, Change{Delegates: []Delegate{{Department: id(pick(units[1:]...)), Person: person(pick("dora", "eve")), On: rnd.IntN(3) > 0}}})
			}
			if rnd.IntN(3) == 0 { // two at the same moment
				last := &tell.all[len(tell.all)-1]
				last.Stamp--
				last.Device[0] = byte(rnd.IntN(200))
			}
		}
		want := Fold(tell.all, boss, nil)
		for range 5 {
			rnd.Shuffle(len(tell.all), func(i, j int) { tell.all[i], tell.all[j] = tell.all[j], tell.all[i] })
			got := Fold(tell.all, boss, func(Effect) {})
			if !reflect.DeepEqual(got.Units, want.Units) || !reflect.DeepEqual(got.Entries, want.Entries) || !reflect.DeepEqual(got.Delegates, want.Delegates) {
				t.Fatalf("seed %d: another order, another chart", seed)
			}
		}
		check(t, want)
	}
}

// check: no department below itself, no person with two records.
func check(t *testing.T, c *Chart) {
	t.Helper()
	for _, u := range c.Units {
		n := 0
		for p := u.ID; !p.IsZero() && c.Units[p] != nil; p = c.Units[p].Parent {
			if n++; n > MaxDepth+1 {
				t.Fatalf("%s stands below itself", u.Name)
			}
		}
	}
	seen := map[wire.PersonID]ID{}
	for _, e := range c.Entries {
		if other, ok := seen[e.Bind.Person]; ok && !e.Bind.Person.IsZero() {
			t.Fatalf("%s and %s are one person", other, e.ID)
		}
		seen[e.Bind.Person] = e.ID
	}
}

func TestCycleIsCutAndSaid(t *testing.T) {
	tell := &teller{}
	tell.says("boss", Change{Departments: []Department{unit("a", ""), unit("b", "")}})
	tell.says("boss", Change{Departments: []Department{{ID: id("a"), Where: &Where{Parent: id("b")}}}})
	tell.says("chief", Change{Departments: []Department{{ID: id("b"), Where: &Where{Parent: id("a")}}}}) // at the same time, elsewhere
	c := Fold(tell.all, boss, nil)
	if c.Units[id("a")].Parent != id("b") || !c.Units[id("b")].Parent.IsZero() || c.Units[id("b")].Refused != id("a") {
		t.Errorf("a %+v, b %+v", c.Units[id("a")], c.Units[id("b")])
	}
	tell.says("boss", Change{Departments: []Department{{ID: id("a"), Where: &Where{}}}})
	tell.says("boss", Change{Departments: []Department{{ID: id("b"), Where: &Where{Parent: id("a")}}}})
	if c = Fold(tell.all, boss, nil); c.Units[id("b")].Parent != id("a") || !c.Units[id("b")].Refused.IsZero() {
		t.Errorf("b %+v", c.Units[id("b")])
	}
}

func TestTheTreeHasAnEnd(t *testing.T) {
	tell := &teller{}
	above := ""
	for i := range MaxDepth + 3 {
		name := fmt.Sprint("u", i)
		tell.says("boss", Change{Departments: []Department{unit(name, above)}})
		above = name
	}
	c := Fold(tell.all, boss, nil)
	if last := c.Units[id(fmt.Sprint("u", MaxDepth-1))]; last.Parent.IsZero() {
		t.Error("too early")
	}
	if over := c.Units[id(fmt.Sprint("u", MaxDepth))]; !over.Parent.IsZero() || over.Refused.IsZero() {
		t.Errorf("%+v", over)
	}
}

func TestDelegates(t *testing.T) {
	tell := &teller{}
	tell.says("boss", Change{Departments: []Department{unit("sales", ""), unit("east", "sales"), unit("lab", "")}})
	tell.says("boss", Change{Records: []Record{works("li", "east"), works("wang", "lab"), works("both", "east", "lab")}})
	tell.says("boss", Change{Records: []Record{{ID: id("wang"), Bind: &Bind{Person: person("wang")}}}})
	tell.says("dora", Change{Records: []Record{{ID: id("li"), Note: text("too early")}}})
	tell.says("boss", Change{Delegates: []Delegate{{id("sales"), person("dora"), true}}})
	may := map[string]Change{
		"a record":           {Records: []Record{{ID: id("li"), Note: text("fine")}}},
		"a new record":       {Records: []Record{works("new", "east")}},
		"a department below": {Departments: []Department{unit("north", "sales")}},
	}
	mayNot := map[string]Change{
		"another's record":         {Records: []Record{{ID: id("wang"), Note: text("no")}}},
		"take one away":            {Records: []Record{{ID: id("li"), Posts: &Posts{Posts: []Post{{Department: id("lab")}}}}}},
		"fetch one":                {Records: []Record{{ID: id("wang"), Posts: &Posts{Posts: []Post{{Department: id("east")}}}}}},
		"half of it":               {Records: []Record{{ID: id("both"), Note: text("no")}}},
		"in no department":         {Records: []Record{{ID: id("li"), Posts: &Posts{}}}},
		"its own department":       {Departments: []Department{{ID: id("sales"), Name: text("mine")}}},
		"move it to the top":       {Departments: []Department{{ID: id("east"), Where: &Where{}}}},
		"move it elsewhere":        {Departments: []Department{{ID: id("east"), Where: &Where{Parent: id("lab")}}}},
		"a department at the top":  {Departments: []Department{unit("top", "")}},
		"what is hidden":           {Hidden: []Hidden{{Record: id("li"), Veils: []Veil{{Field: Phones, Level: Leads, Key: id("key"), Sealed: []byte{1}}}}}},
		"take somebody away":       {Records: []Record{{ID: id("li"), Bind: &Bind{Person: person("wang")}}}},
		"another delegate":         {Delegates: []Delegate{{id("sales"), person("eve"), true}}},
		"a record of nobody's say": {Records: []Record{{ID: id("nobody"), Name: &Name{Name: "x"}}}},
	}
	count := func(c Change) int {
		more := &teller{all: tell.all[:len(tell.all):len(tell.all)]}
		more.says("dora", c)
		n := 0
		Fold(more.all, boss, func(e Effect) {
			if e.Said.Stamp == more.all[len(more.all)-1].Stamp {
				n++
			}
		})
		return n
	}
	for what, c := range may {
		if count(c) != 1 {
			t.Errorf("may not: %s", what)
		}
	}
	for what, c := range mayNot {
		if count(c) != 0 {
			t.Errorf("may: %s", what)
		}
	}
	if c := Fold(tell.all, boss, nil); c.Entries[id("li")].Note != "" {
		t.Error("what was said before the grant counts")
	}
	tell.says("dora", may["a record"])
	tell.says("boss", Change{Delegates: []Delegate{{id("sales"), person("dora"), false}}})
	if c := Fold(tell.all, boss, nil); c.Entries[id("li")].Note != "fine" {
		t.Error("what was said while it held is gone")
	}
	for what, c := range may {
		if count(c) != 0 {
			t.Errorf("after the end: %s", what)
		}
	}
}

func TestGroupsOfFields(t *testing.T) {
	tell := &teller{}
	tell.says("boss", Change{Records: []Record{{ID: id("li"), Name: &Name{"li", "7"}, Reach: &Reach{Email: "li@a"}}}})
	left := true
	tell.says("chief", Change{Records: []Record{{ID: id("li"), Left: &left}}})
	tell.says("boss", Change{Records: []Record{{ID: id("li"), Reach: &Reach{Phones: []string{"1"}}}}})
	e := Fold(tell.all, boss, nil).Entries[id("li")]
	if e.Number != "7" || !e.Left || e.Email != "" || len(e.Phones) != 1 {
		t.Errorf("%+v", e)
	}
}

// FuzzDecode: a body is a change within its bounds, in its one form, or refused.
func FuzzDecode(f *testing.F) {
	gone := true
	f.Add(wire.MustEncode(Change{Batch: id("b"), Why: Import, Departments: []Department{unit("a", "b"), {ID: id("c"), Gone: &gone}},
		Records:   []Record{works("li", "a"), {ID: id("x"), Bind: &Bind{Person: person("p")}, Note: text("a\nb"), Private: &Private{Sealed: []byte{1}}}},
		Delegates: []Delegate{{id("a"), person("p"), true}}}))
	f.Add([]byte{0xa0})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := Decode(body)
		if err != nil {
			return
		}
		if len(c.Departments)+len(c.Records)+len(c.Delegates) > MaxObjects {
			t.Error("too many")
		}
		Fold([]Said{{Person: person("boss"), Change: c}, {Stamp: 1, Person: person("eve"), Change: c}}, boss, func(Effect) {})
	})
}
