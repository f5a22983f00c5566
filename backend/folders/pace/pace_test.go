package pace

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"roundtable/backend/clock"
)

const kib = 1 << 10

// inBubble runs on the time of the test's bubble, which moves when everybody waits.
func inBubble(t *testing.T, f func(t *testing.T, p *Pace)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, New(clock.System{})) })
}

// sent is when so many bytes went.
type sent struct {
	at time.Duration
	n  int
}

// send asks for pieces until the total has gone.
func send(t *testing.T, p *Pace, class Class, piece, total int) (log []sent) {
	began := time.Now()
	for total > 0 {
		n := min(piece, total)
		if err := p.Wait(t.Context(), class, n); err != nil {
			t.Error(err)
			return log
		}
		total -= n
		log = append(log, sent{time.Since(began), n})
	}
	return log
}

// busiest is the most that went within a second.
func busiest(log []sent) (most int) {
	for i := range log {
		sum := 0
		for _, s := range log[i:] {
			if s.at-log[i].at < time.Second {
				sum += s.n
			}
		}
		most = max(most, sum)
	}
	return most
}

func TestABoundHoldsInEverySecond(t *testing.T) {
	for _, rate := range []int{1, 7, 1000, 50 * kib, 3 << 20, 100 << 20} {
		inBubble(t, func(t *testing.T, p *Pace) {
			p.Bound(Internet, int64(rate))
			total := 5 * rate
			log := send(t, p, Internet, p.Step(Internet), total)
			took := log[len(log)-1].at
			if want := 5 * time.Second; took < want*95/100 || took > want*105/100 {
				t.Errorf("%d bytes a second: 5 s of bytes took %v", rate, took)
			}
			if most := busiest(log); most > rate+rate/perBurst+1 {
				t.Errorf("%d bytes a second: %d in one", rate, most)
			}
		})
	}
}

func TestWithoutABoundNobodyWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, p *Pace) {
		p.Bound(LAN, 10)
		if log := send(t, p, Internet, 1<<20, 1<<30); log[len(log)-1].at != 0 {
			t.Error("waited")
		}
		p.Bound(LAN, 0)
		p.Bound(LAN, -5)
		if log := send(t, p, LAN, p.Step(LAN), 1<<30); log[len(log)-1].at != 0 {
			t.Error("waited")
		}
		if err := p.Wait(t.Context(), LAN, 0); err != nil {
			t.Error(err)
		}
	})
}

func TestASmallFileDoesNotStandBehindALargeOne(t *testing.T) {
	inBubble(t, func(t *testing.T, p *Pace) {
		p.Bound(LAN, 100*kib)
		large := make(chan []sent)
		go func() { large <- send(t, p, LAN, 1<<20, 1<<20) }()
		synctest.Wait()
		time.Sleep(time.Second)
		log := send(t, p, LAN, 4*kib, 4*kib)
		if log[0].at > 300*time.Millisecond {
			t.Errorf("4 KiB took %v", log[0].at)
		}
		if last := <-large; last[0].at < 10*time.Second || last[0].at > 11*time.Second {
			t.Errorf("1 MiB took %v", last[0].at)
		}
	})
}

func TestTheSameForEverybody(t *testing.T) {
	inBubble(t, func(t *testing.T, p *Pace) {
		p.Bound(LAN, 1<<20)
		ctx, end := context.WithTimeout(t.Context(), 10*time.Second)
		defer end()
		counts := make(chan int)
		const callers = 8
		for i := range callers {
			go func() {
				count, piece := 0, (1+i)*3*kib // some ask for more at once
				for p.Wait(ctx, LAN, piece) == nil {
					count += piece
				}
				counts <- count
			}()
		}
		sum, least, most := 0, 1<<40, 0
		for range callers {
			n := <-counts
			sum, least, most = sum+n, min(least, n), max(most, n)
		}
		if sum < 98<<20/10 || sum > 103<<20/10 {
			t.Errorf("%d KiB in 10 s", sum/kib)
		}
		// Whoever asks for less than a slice gets less in each turn, by a factor of at most 16 / 3.
		if most > 6*least {
			t.Errorf("between %d and %d KiB for one", least/kib, most/kib)
		}
	})
}

func TestABoundMayChangeWhileSomebodyWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, p *Pace) {
		p.Bound(Internet, kib)
		done := make(chan []sent)
		go func() { done <- send(t, p, Internet, 100*kib, 100*kib) }()
		time.Sleep(10 * time.Second) // 10 KiB
		p.Bound(Internet, 45*kib)
		if log := <-done; log[0].at < 11900*time.Millisecond || log[0].at > 12100*time.Millisecond {
			t.Errorf("took %v", log[0].at)
		}
		p.Bound(Internet, 1)
		go func() { done <- send(t, p, Internet, 1<<30, 1<<30) }()
		time.Sleep(time.Minute)
		p.Bound(Internet, 0)
		if log := <-done; log[0].at != time.Minute {
			t.Errorf("took %v", log[0].at)
		}
	})
}

func TestWhoGivesUpTakesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, p *Pace) {
		p.Bound(LAN, 10*kib)
		ctx, end := context.WithCancel(t.Context())
		gaveUp := make(chan error)
		go func() { gaveUp <- p.Wait(ctx, LAN, 1<<30) }() // it keeps the bucket
		synctest.Wait()
		done := make(chan []sent)
		go func() { done <- send(t, p, LAN, 20*kib, 20*kib) }()
		time.Sleep(time.Second) // 5 KiB each
		end()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if log := <-done; log[0].at > 2500*time.Millisecond {
			t.Errorf("20 KiB took %v", log[0].at)
		}
		if err := p.Wait(ctx, Internet, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("after the end: %v", err)
		}
		if b := p.buckets[LAN]; len(b.queue) > 0 || b.keeper != nil {
			t.Errorf("%d wait, keeper %v", len(b.queue), b.keeper)
		}
	})
}

func TestSleepFillsOneBucket(t *testing.T) {
	inBubble(t, func(t *testing.T, p *Pace) {
		p.Bound(LAN, 10*kib)
		time.Sleep(time.Hour)
		if log := send(t, p, LAN, kib, 11*kib); log[len(log)-1].at < time.Second-nap {
			t.Errorf("11 KiB took %v", log[len(log)-1].at)
		}
	})
}

// The house's own fake clock does as well.
func TestOnAFakeClock(t *testing.T) {
	c := clock.NewFake(time.UnixMilli(1_800_000_000_000))
	p := New(c)
	p.Bound(LAN, 1000)
	done := make(chan error, 1)
	go func() { done <- p.Wait(context.Background(), LAN, 300) }()
	turns := 0
	for ; ; turns++ {
		select {
		case err := <-done:
			if err != nil || turns < 2 {
				t.Errorf("after %d turns: %v", turns, err)
			}
			return
		case <-time.After(5 * time.Millisecond):
			c.Advance(100 * time.Millisecond)
		}
	}
}

func TestClasses(t *testing.T) {
	for via, want := range map[string]Class{"lan": LAN, "memory": LAN, "rtc": Internet, "relayed": Internet, "relay": Internet, "": Internet} {
		if got := ClassOf(via); got != want {
			t.Errorf("%q is %v", via, got)
		}
	}
}

func BenchmarkWaitWithoutABound(b *testing.B) {
	p := New(clock.System{})
	for b.Loop() {
		_ = p.Wait(b.Context(), LAN, 1<<20)
	}
}

// BenchmarkWait is what a high bound costs: it must not be the bound.
func BenchmarkWait(b *testing.B) {
	p := New(clock.System{})
	p.Bound(LAN, 1<<40)
	b.SetBytes(64 * kib)
	for b.Loop() {
		_ = p.Wait(b.Context(), LAN, 64*kib)
	}
}
