package room

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkHear is a beat in a call of 50, and what follows from it.
func BenchmarkHear(b *testing.B) {
	names := []string{"li"}
	for i := range 49 {
		names = append(names, fmt.Sprint("x", i, "y"))
	}
	h := newHall(b, names...)
	for _, n := range names {
		h.as(n).room.Enter(h.now)
	}
	h.passes(6 * time.Second)
	from, to := h.as("x7y"), h.as("li")
	if got := len(h.view("li").In); got != 50 {
		b.Fatalf("%d are in", got)
	}
	b.ResetTimer()
	for b.Loop() {
		h.now = h.now.Add(time.Millisecond)
		from.room.dirty = true
		if err := to.room.Hear(h.now, from.sign.Public(), from.room.Say(h.now)); err != nil {
			b.Fatal(err)
		}
	}
}
