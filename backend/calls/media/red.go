package media

// Redundant sound between engines (RFC 2198): a packet carries the one or two before it once more,
// so that what a line loses is there 20 or 40 ms later, however long a question for it would take.
//
//	for each earlier packet, the oldest first:  1 | type (7 bits) | time before (14) | length (10)
//	then:                                       0 | type (7)
//	then the payloads in the same order; the last one takes what is left
const (
	redMost   = 2
	redLength = 300 // bytes of a packet that is worth being repeated
	redBefore = 1<<14 - 1
	// redBlocks bounds what is read of another engine's.
	redBlocks = 4
)

// Shares of packets that have to be lost for one or two copies, and below which one goes again.
var (
	copiesFrom  = [redMost]float64{0.03, 0.15}
	copiesUntil = [redMost]float64{0.012, 0.08}
)

// copies says how often sound is to be repeated on a way that loses a share of all packets, of which
// sound takes some bits a second of what may be sent. As long as all copies together would take
// more than half of it, there is one less: on a narrow way they would push out themselves.
func copies(now int, loss, sound, bps float64) int {
	for now < redMost && loss > copiesFrom[now] {
		now++
	}
	for now > 0 && loss < copiesUntil[now-1] {
		now--
	}
	for now > 0 && sound*float64(1+now) > bps/2 {
		now--
	}
	return now
}

// redundancy is what a slot has sent of late. The slot's mu guards it.
type redundancy struct {
	last [redMost]spoken // the last one first
	out  []byte
}

type spoken struct {
	seq    uint16
	time   uint32
	length int // 0: none
	data   [redLength]byte
}

// forget: what comes next belongs to something else.
func (r *redundancy) forget() {
	for i := range r.last {
		r.last[i].length = 0
	}
}

// wrap gives a payload with up to n of those before it; false when there is none to repeat. What
// it gives is good until the next call.
func (r *redundancy) wrap(n int, seq uint16, at uint32, kind uint8, payload []byte) ([]byte, bool) {
	have := 0
	for have < n && have < redMost {
		s := &r.last[have]
		if s.length == 0 || s.seq != seq-uint16(have+1) || at-s.time > redBefore {
			break // the reader takes the numbers from the order
		}
		have++
	}
	if have == 0 {
		return nil, false
	}
	r.out = r.out[:0]
	for i := have - 1; i >= 0; i-- {
		s := &r.last[i]
		head := (at-s.time)<<10 | uint32(s.length)
		r.out = append(r.out, 0x80|kind, byte(head>>16), byte(head>>8), byte(head))
	}
	r.out = append(r.out, kind)
	for i := have - 1; i >= 0; i-- {
		r.out = append(r.out, r.last[i].data[:r.last[i].length]...)
	}
	r.out = append(r.out, payload...)
	return r.out, true
}

// note remembers a packet that went out, in the order of numbers.
func (r *redundancy) note(seq uint16, at uint32, payload []byte) {
	if r.last[0].length > 0 && int16(seq-r.last[0].seq) <= 0 {
		return // late: asked for again
	}
	copy(r.last[1:], r.last[:redMost-1])
	s := &r.last[0]
	s.seq, s.time, s.length = seq, at, 0
	if len(payload) <= redLength {
		s.length = copy(s.data[:], payload)
	}
}

// block is one payload of a packet with redundancy.
type block struct {
	kind   uint8
	before uint32 // in the stream's time
	length int
	data   []byte
}

// split reads a payload, the latest block last. Foreign bytes: false for what is odd. out is used again.
func split(payload []byte, out []block) ([]block, bool) {
	out = out[:0]
	for rest := payload; ; {
		if len(rest) == 0 || len(out) > redBlocks {
			return out, false
		}
		kind := rest[0] & 0x7f
		if rest[0]&0x80 == 0 {
			payload, out = rest[1:], append(out, block{kind: kind})
			break
		}
		if len(rest) < 4 {
			return out, false
		}
		head := uint32(rest[1])<<16 | uint32(rest[2])<<8 | uint32(rest[3])
		out = append(out, block{kind: kind, before: head >> 10, length: int(head & 0x3ff)})
		rest = rest[4:]
	}
	for i := range out[:len(out)-1] {
		b := &out[i]
		if len(payload) < b.length {
			return out, false
		}
		b.data, payload = payload[:b.length], payload[b.length:]
	}
	out[len(out)-1].data = payload
	return out, len(payload) > 0
}

// arrived tells which packets of a stream came already, by its last numbers.
type arrived struct {
	seen [1024]uint32 // number + 1<<16
}

// first says whether a number comes for the first time.
func (a *arrived) first(seq uint16) bool {
	place := &a.seen[int(seq)%len(a.seen)]
	if *place == uint32(seq)|1<<16 {
		return false
	}
	*place = uint32(seq) | 1<<16
	return true
}

// unpack delivers what of a packet with redundancy is new, the oldest first. How loud it is, a packet
// says of itself only.
func (i *incoming) unpack(l *layer, p packet) {
	blocks, ok := split(p.payload, i.blocks)
	i.blocks = blocks
	if !ok {
		return
	}
	for n, b := range blocks {
		one := &i.packet
		*one = p
		one.payload = b.data
		if back := len(blocks) - 1 - n; back > 0 {
			one.seq, one.time, one.marker, one.level = p.seq-uint16(back), p.time-b.before, false, -1
			if i.gaps != nil {
				i.gaps.note(one.seq, p.at, 0)
			}
		}
		if b.kind == opusType && len(b.data) > 0 && i.came.first(one.seq) {
			l.deliver(i.from, i.rtp.SSRC, one)
		}
	}
}
