package clock

import (
	"testing"
	"time"

	"roundtable/backend/wire"
)

var noon = time.UnixMilli(1_800_000_000_000)

func TestStampsGrow(t *testing.T) {
	c := NewFake(noon)
	h := NewHybrid(c, 0)
	a, b := h.Next(), h.Next()
	if b <= a || a.UnixMilli() != noon.UnixMilli() {
		t.Errorf("%d then %d", a, b)
	}
	c.Advance(time.Second)
	if n := h.Next(); n.UnixMilli() != noon.Add(time.Second).UnixMilli() {
		t.Errorf("does not follow the clock: %v", n.Time())
	}
}

func TestAnswerStandsAfterQuestion(t *testing.T) {
	h := NewHybrid(NewFake(noon), 0)
	question := At(noon.Add(time.Minute)) // a colleague's clock, a little ahead
	h.See(question)
	if n := h.Next(); n <= question {
		t.Error("the answer stands before the question")
	}
}

func TestWrongClocksAreNotFollowed(t *testing.T) {
	c := NewFake(noon)
	h := NewHybrid(c, 0)
	far := At(noon.Add(wire.MaxClockAhead + time.Second))
	if !h.Ahead(far) {
		t.Error("not noticed")
	}
	h.See(far)
	if h.Next() > far {
		t.Error("followed")
	}
	// Our own clock was a year ahead in an earlier run.
	own := NewHybrid(c, At(noon.Add(365*24*time.Hour)))
	if n := own.Next(); n.UnixMilli() != noon.UnixMilli() {
		t.Errorf("stays in the future: %v", n.Time())
	}
}

func TestFakeWakesInTime(t *testing.T) {
	c := NewFake(noon)
	late, soon := c.After(time.Minute), c.After(time.Second)
	c.Advance(2 * time.Second)
	select {
	case <-soon:
	default:
		t.Error("not woken")
	}
	select {
	case <-late:
		t.Error("woken too early")
	default:
	}
}
