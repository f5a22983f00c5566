package media

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// modelled runs an estimate on a line that is only reckoned: no clock, no sockets, the same on
// every machine. It gives the mean rate of the last third, and the greatest delay in it.
func modelled(capacity, loss float64, roundTrip time.Duration, wanted float64, during time.Duration) (mean float64, worst time.Duration) {
	var e estimate
	random := rand.New(rand.NewPCG(3, 4))
	start := time.Unix(1_700_000_000, 0)
	free := start
	var flying []arrival // sorted by number
	type feedback struct {
		at  time.Time
		all []arrival
	}
	var told []feedback
	var owed, probed float64
	var probe, lastProbe time.Time
	rate, n := 0.0, 0
	e.want(true)
	for tick := range int(during / (10 * time.Millisecond)) {
		now := start.Add(time.Duration(tick) * 10 * time.Millisecond)
		send := min(float64(e.bps())*0.95, wanted)
		e.want(float64(e.bps()) < wanted)
		if bps := e.probing(now, lastProbe); bps > 0 && now.Sub(probe) > probeFor {
			probe, lastProbe, probed = now, now.Add(probeFor), bps
		}
		if now.Sub(probe) < probeFor && !e.queued() {
			send += probed
		}
		for owed += send / 8 / 100; owed > 0; owed -= 1060 {
			seq := e.sent(1060, now)
			if free.Before(now) {
				free = now
			}
			a := arrival{seq: seq, at: -1}
			if wait := free.Sub(now); wait < 300*time.Millisecond && random.Float64() >= loss {
				free = free.Add(time.Duration(1060 * 8 / capacity * float64(time.Second)))
				a.at = time.Hour + free.Sub(start) + roundTrip/2
				if tick > int(during/(10*time.Millisecond))*2/3 {
					worst = max(worst, wait)
				}
			}
			flying = append(flying, a)
		}
		if tick%5 == 0 {
			here := now.Sub(start) + time.Hour
			last := 0
			for i, a := range flying {
				if a.at >= 0 && a.at <= here {
					last = i + 1
				}
			}
			told = append(told, feedback{now.Add(roundTrip / 2), slices.Clone(flying[:last])})
			flying = flying[last:]
		}
		for len(told) > 0 && !told[0].at.After(now) {
			e.acked(told[0].all, now)
			told = told[1:]
		}
		if tick > int(during/(10*time.Millisecond))*2/3 {
			rate += float64(e.bps())
			n++
		}
	}
	return rate / float64(n), worst
}

// The estimate finds what a line carries, whatever is lost on it at random, and builds no queue
// that voices would have to wait in.
func TestEstimateOnLines(t *testing.T) {
	for _, roundTrip := range []time.Duration{20 * time.Millisecond, 150 * time.Millisecond} {
		for _, capacity := range []float64{300_000, 800_000, 2_000_000} {
			for _, loss := range []float64{0, 0.02, 0.05, 0.1, 0.3} {
				t.Run(fmt.Sprint(roundTrip, " ", capacity/1000, " ", loss*100), func(t *testing.T) {
					mean, worst := modelled(capacity, loss, roundTrip, 2_300_000, 60*time.Second)
					t.Logf("%4.0f kb/s, worst queue %v", mean/1000, worst.Round(time.Millisecond))
					if mean < capacity*0.55 || mean > capacity*1.6 {
						t.Errorf("estimate %.0f kb/s of %.0f", mean/1000, capacity/1000)
					}
				})
			}
		}
	}
}
