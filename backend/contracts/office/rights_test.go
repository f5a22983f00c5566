package office_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"roundtable/backend/contracts/office"
	"roundtable/backend/event"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// register writes down what people say in it; each has one feed.
type register struct {
	all []office.Said
	seq map[string]uint64
}

func (r *register) says(who string, stamp int64, kind event.Kind, body any) wire.EventID {
	if r.seq == nil {
		r.seq = map[string]uint64{}
	}
	r.seq[who]++
	s := office.Said{Stamp: stamp, Device: testspace.Device(who), Start: 1, Seq: r.seq[who], Person: testspace.Person(who), Kind: kind, Body: body}
	copy(s.ID[:], fmt.Sprintf("%s %d", who, s.Seq))
	r.all = append(r.all, s)
	return s.ID
}

func (r *register) right(who string, stamp int64, seal wire.EventID, to string, rights office.Rights, cuts ...office.Cut) {
	r.says(who, stamp, office.SealRight, office.RightOf(seal, testspace.Person(to), rights, cuts...))
}

func seen(who string, seq uint64) office.Cut {
	return office.Cut{Device: testspace.Device(who), Start: 1, Seq: seq}
}

func owners(who ...string) func(wire.PersonID) bool {
	return func(p wire.PersonID) bool {
		return slices.ContainsFunc(who, func(w string) bool { return testspace.Person(w) == p })
	}
}

// has tells whether somebody is in the dump with rights, as "rights/depth".
func (r *register) has(t *testing.T, who, rights string) {
	t.Helper()
	p := testspace.Person(who)
	lines := strings.Join(office.Judge(r.all, owners("li")), "\n")
	entry := fmt.Sprintf("%x:", p[:4])
	switch {
	case rights == "" && strings.Contains(lines, entry):
		t.Errorf("%s has a right: %s", who, lines)
	case rights != "" && !strings.Contains(lines, entry+rights):
		t.Errorf("%s has not %s: %s", who, rights, lines)
	}
}

func TestOnlyWhoManagesGrants(t *testing.T) {
	r := &register{}
	s := r.says("li", 10, office.SealMade, office.MadeOf("公章"))
	none := r.says("wang", 11, office.SealMade, office.MadeOf("假公章")) // no owner
	r.right("wang", 12, s, "wang", office.Use)
	r.right("wang", 12, none, "wang", office.Use)
	r.has(t, "wang", "")
	r.right("li", 13, s, "wang", office.Use|office.Audit)
	r.has(t, "wang", "6/0")
	r.right("wang", 14, s, "zhao", office.Use) // who uses does not grant
	r.has(t, "zhao", "")
	r.says("wang", 15, office.SealEnded, office.EndedOf(s, office.Lost))
	r.says("wang", 16, office.SealUsed, office.UsedOf(s))
	r.says("zhao", 17, office.SealUsed, office.UsedOf(s)) // could never use it
	if lines := office.Judge(r.all, owners("li")); len(lines) != 1 || !strings.Contains(lines[0], "ended <nil>") || !strings.HasSuffix(lines[0], "uses 1") {
		t.Error(lines)
	}
	r.right("li", 18, s, "wang", 0)
	r.has(t, "wang", "")
	if lines := office.Judge(r.all, owners("li")); !strings.HasSuffix(lines[0], "uses 1") { // what was done stays
		t.Error(lines)
	}
	r.says("li", 19, office.SealEnded, office.EndedOf(s, office.Lost))
	r.says("li", 20, office.SealEnded, office.EndedOf(s, office.Revoked)) // the first counts
	if lines := office.Judge(r.all, owners("li")); !strings.Contains(lines[0], "lost") {
		t.Error(lines)
	}
}

// Who may not manage any more cannot say that it was said before.
func TestBackdated(t *testing.T) {
	r := &register{}
	s := r.says("li", 10, office.SealMade, office.MadeOf("公章"))
	r.right("li", 11, s, "wang", office.Manage)
	r.right("wang", 20, s, "zhao", office.Use) // seen
	r.right("li", 30, s, "wang", 0, seen("wang", 1))
	r.right("wang", 21, s, "qian", office.Use) // made up afterwards
	r.right("wang", 29, s, "wang", office.Manage|office.Use)
	r.right("wang", 31, s, "wang", office.Use) // too late
	r.says("wang", 22, office.SealEnded, office.EndedOf(s, office.Lost))
	r.has(t, "zhao", "2")
	r.has(t, "qian", "")
	r.has(t, "wang", "")
	if lines := office.Judge(r.all, owners("li")); !strings.Contains(lines[0], "ended <nil>") {
		t.Error(lines)
	}
	// Given back, what is said from then on counts.
	r.right("li", 40, s, "wang", office.Manage)
	r.right("wang", 41, s, "qian", office.Audit)
	r.has(t, "qian", "4")
}

func TestTheMakerStays(t *testing.T) {
	r := &register{}
	s := r.says("li", 10, office.SealMade, office.MadeOf("公章"))
	r.right("li", 11, s, "wang", office.Manage)
	r.right("wang", 12, s, "zhao", office.Manage)
	r.right("zhao", 5, s, "li", 0)  // before there was anything
	r.right("zhao", 13, s, "li", 0) // from above
	r.right("wang", 14, s, "li", office.Use)
	r.has(t, "li", "1/0")
	r.right("zhao", 15, s, "wang", 0)
	r.has(t, "wang", "1/1")
	r.right("wang", 16, s, "zhao", office.Use)
	r.has(t, "zhao", "2/0")
	r.right("li", 17, s, "li", office.Audit) // of oneself one may
	r.has(t, "li", "4/0")
}

// TestAnyOrderSameRights: what counts is the same in whatever order it came, and adding what a withdrawal did not see never helps its author.
func TestAnyOrderSameRights(t *testing.T) {
	people := []string{"li", "wang", "zhao", "qian", "sun"}
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		r := &register{}
		var seals []wire.EventID
		for range 2 {
			seals = append(seals, r.says("li", rnd.Int64N(10), office.SealMade, office.MadeOf("章")))
		}
		for range 40 {
			who, to, s := people[rnd.IntN(5)], people[rnd.IntN(5)], seals[rnd.IntN(2)]
			switch rnd.IntN(12) {
			case 0:
				r.says(who, rnd.Int64N(100), office.SealEnded, office.EndedOf(s, office.Lost))
			case 1, 2:
				r.says(who, rnd.Int64N(100), office.SealUsed, office.UsedOf(s))
			case 3:
				r.says(who, rnd.Int64N(100), office.SealMade, office.MadeOf("章"))
			default:
				var cuts []office.Cut
				if rnd.IntN(3) > 0 {
					cuts = append(cuts, seen(to, rnd.Uint64N(r.seq[to]+1)))
				}
				r.right(who, 10+rnd.Int64N(90), s, to, office.Rights(rnd.IntN(8)), cuts...)
			}
		}
		want := office.Judge(r.all, owners("li", "zhao"))
		for range 10 {
			rnd.Shuffle(len(r.all), func(i, j int) { r.all[i], r.all[j] = r.all[j], r.all[i] })
			if got := office.Judge(r.all, owners("li", "zhao")); !slices.Equal(got, want) {
				t.Fatalf("seed %d\n%s\n%s", seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}
