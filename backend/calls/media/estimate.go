package media

import (
	"sync"
	"time"
)

const (
	rateFirst  = 500_000.0
	rateLeast  = 100_000.0 // sound takes half of it, a small picture the rest
	rateMost   = 8_000_000.0
	historyLen = 8192 // packets, a power of two
	// queueHigh is a delay above the least that is taken for a queue of ours; Wi-Fi alone makes 20 ms.
	queueHigh = 70 * time.Millisecond
	queueLow  = 30 * time.Millisecond
	// lossMore is how much more loss than usual is taken for a full queue.
	lossMore = 0.06
)

// estimate reckons from what the other engine says of when packets came (transport-wide feedback)
// what may be sent to it. It takes a growing delay for congestion, and loss only where there is more
// of it than there always is: a way that loses a tenth of all packets at any rate is not helped by
// sending less. A rate that was really received is believed at once.
type estimate struct {
	mu      sync.Mutex
	next    uint16 // transport-wide number
	history [historyLen]sentPacket

	rate      float64
	held      time.Time // no change before
	lowered   time.Time
	raised    time.Time
	anyLower  bool
	lossNow   float64 // of the last second or so
	lossUsual float64
	lossMin   [2]float64 // the least of this half minute and of the one before
	delayMin  [2]time.Duration
	turned    time.Time        // the windows of the least were turned
	queue     time.Duration    // the least of recent feedbacks: a queue of ours delays every packet, a busy processor some
	queues    [4]time.Duration // of the last four feedbacks, the least of each
	told      int
	latest    time.Duration
	received  [10]int // bytes in each tenth of the last second
	tenth     int64
	began     time.Time
	limited   bool // more is wanted than may be sent
	steady    bool // it is not judged
}

type sentPacket struct {
	seq  uint16
	size uint16
	at   time.Time
}

// arrival is one packet of a feedback.
type arrival struct {
	seq uint16
	at  time.Duration // of the other's clock; negative: it did not come
}

// sent gives the number of the next packet and notes it.
func (e *estimate) sent(size int, now time.Time) uint16 {
	e.mu.Lock()
	defer e.mu.Unlock()
	seq := e.next
	e.next++
	e.history[seq%historyLen] = sentPacket{seq: seq, size: uint16(min(size, 1<<16-1)), at: now}
	return seq
}

// restarted begins anew with another connection; what the way carried is still the best guess.
func (e *estimate) restarted() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.history = [historyLen]sentPacket{}
	e.delayMin, e.turned, e.queue, e.queues = [2]time.Duration{}, time.Time{}, 0, [4]time.Duration{}
	e.rate = max(min(e.rate, rateFirst*3), 0)
}

// acked takes one feedback.
func (e *estimate) acked(all []arrival, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.start(now)
	bytes, came, lost := 0, 0, 0
	least := time.Hour
	for _, a := range all {
		s := &e.history[a.seq%historyLen]
		if s.at.IsZero() || s.seq != a.seq {
			continue // of another connection, or told twice
		}
		if a.at < 0 {
			lost++
			continue
		}
		delay := a.at - time.Duration(s.at.Sub(e.began))
		if came == 0 && e.delayMin[0] == 0 && e.delayMin[1] == 0 {
			e.delayMin = [2]time.Duration{delay, delay}
		}
		e.delayMin[0] = min(e.delayMin[0], delay)
		least = min(least, delay-min(e.delayMin[0], e.delayMin[1]))
		bytes += int(s.size)
		came++
		s.at = time.Time{}
	}
	if came+lost == 0 {
		return
	}
	e.count(bytes, now)
	weight := min(float64(came+lost)/60, 0.5)
	e.lossNow += (float64(lost)/float64(came+lost) - e.lossNow) * weight
	if came > 0 {
		e.queues[e.told%4], e.latest = least, least
		e.told++
		e.queue = min(e.queues[0], e.queues[1], e.queues[2], e.queues[3])
	}
	e.turn(now)
	e.judge(now)
}

func (e *estimate) start(now time.Time) {
	if e.rate == 0 {
		e.rate = rateFirst
	}
	if e.began.IsZero() {
		e.began = now
	}
	if e.turned.IsZero() {
		e.turned, e.lossMin = now, [2]float64{1, 1}
	}
}

// turn lets the windows of the least go on.
func (e *estimate) turn(now time.Time) {
	if now.Sub(e.turned) > 2*time.Second { // not before: the loss of now begins with 0
		e.lossMin[0] = min(e.lossMin[0], e.lossNow)
	}
	if now.Sub(e.turned) > 12*time.Second {
		e.turned = now
		e.lossMin = [2]float64{e.lossNow, e.lossMin[0]}
		e.delayMin = [2]time.Duration{e.delayMin[0] + e.queue, e.delayMin[0]}
	}
	if least := min(e.lossMin[0], e.lossMin[1]); least < 1 {
		e.lossUsual = least
	}
}

// count notes what came.
func (e *estimate) count(bytes int, now time.Time) {
	tenth := now.UnixMilli() / 100
	for i := max(e.tenth+1, tenth-9); i <= tenth; i++ {
		e.received[i%10] = 0
	}
	e.tenth = max(tenth, e.tenth)
	e.received[e.tenth%10] += bytes
}

// throughput is what came in the last half second, without the tenth that is not over.
func (e *estimate) throughput() float64 {
	sum := 0
	for i := e.tenth - 5; i < e.tenth; i++ {
		sum += e.received[(i+10)%10]
	}
	return float64(sum) * 8 * 2
}

// judge moves the rate.
func (e *estimate) judge(now time.Time) {
	got := e.throughput()
	more, much := e.lossNow-e.lossUsual, max(lossMore, e.lossUsual*0.8)
	if e.queue < 20*time.Millisecond {
		much = 0.15 + e.lossUsual*0.5 // without a queue it takes more to believe it: few packets, large chance
	}
	switch {
	case now.Before(e.held):
	case e.queue > queueHigh:
		e.lower(max(min(e.rate, got)*0.85, rateLeast), now)
	case now.Sub(e.turned) > 2*time.Second && more > much:
		// Never below most of what does arrive: loss is a guess, arrival is not.
		e.lower(max(e.rate*(1-more/2), min(e.rate, got*0.9), rateLeast), now)
	case e.queue < queueLow:
		if got*0.95 > e.rate {
			e.rate = min(got*0.95, rateMost)
			e.raised = now
		} else if e.limited && got > e.rate*0.7 {
			passed := min(now.Sub(e.raised), 200*time.Millisecond)
			grow := 0.25
			if e.anyLower {
				grow = 0.08 // the way's end has been seen: feel for it
			}
			e.rate = min(e.rate*(1+grow*passed.Seconds()), rateMost)
			e.raised = now
		}
	}
}

func (e *estimate) lower(to float64, now time.Time) {
	e.rate = min(e.rate, to)
	e.lowered, e.anyLower = now, true
	e.held = now.Add(400 * time.Millisecond)
}

func (e *estimate) bps() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.steady:
		return rateMost
	case e.rate == 0:
		return rateFirst
	}
	return int(e.rate)
}

// guess takes what another way carried for what this one does, of which nothing is known.
func (e *estimate) guess(bps int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.anyLower && e.raised.IsZero() {
		e.rate = max(e.rate, 0.8*float64(bps), rateFirst)
	}
}

func (e *estimate) loss() float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return min(max(e.lossNow, 0), 1)
}

// want says whether more is wanted than may be sent.
func (e *estimate) want(more bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.limited = more
}

// probing gives how many bits a second to try for a moment beside what is sent; 0: none now. Before
// the way was ever found full it is tried often, then rarely.
func (e *estimate) probing(now time.Time, last time.Time) float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	pause, factor := 700*time.Millisecond, 1.6
	if e.anyLower {
		pause, factor = 3*time.Second, 1.3
	}
	if e.steady || !e.limited || e.rate == 0 || e.queue > queueLow || now.Sub(last) < pause || now.Sub(e.lowered) < 2*time.Second && e.anyLower {
		return 0
	}
	return max(min(e.rate*factor, rateMost)-e.throughput(), 0)
}
