package pades_test

import (
	"testing"
	"time"

	"roundtable/backend/contracts/pades"
)

// A look keeps its proportions, on turned pages too: a round seal in a flat field is round.
func TestLookKeepsItsProportions(t *testing.T) {
	o := newOffice(t)
	square := &pades.Look{Width: 50, Height: 50, Content: []byte("1 0 0 rg 0 0 50 50 re f")}
	for _, name := range []string{"libreoffice.pdf", "rot90.pdf", "rot180.pdf", "rot270.pdf"} {
		data := signed(t, sample(t, name), o.person(t, "李", p256(t)), pades.Request{
			Field: "a", Place: pades.Place{Page: 1, X: 200, Y: 300, Width: 120, Height: 40}, Look: square, At: time.Now(),
		})
		picture := drawn(t, data, 1)
		for x, red := range map[int]bool{230: false, 245: true, 275: true, 290: false} {
			if got := rgb(picture, x, 320) == [3]uint8{255, 0, 0}; got != red {
				t.Errorf("%s at %d: red is %t", name, x, got)
			}
		}
	}
}
