package media

import "time"

// packet is one RTP packet on its way through the engine. Its payload belongs to whoever reads it
// from the network; slots change the descriptor in place, one after the other.
type packet struct {
	seq     uint16
	time    uint32
	marker  bool
	payload []byte
	level   int8 // of sound, -dBov; -1 is not known
	vp8     vp8
	at      time.Time
}

// rewriter makes one endless stream out of pieces of several: numbers go on, time goes on as the
// clock does, picture IDs go on.
type rewriter struct {
	started    bool
	rate       uint32
	floor      uint16 // what comes before it is of an earlier piece
	since      int    // packets of this piece
	seqOff     uint16
	timeOff    uint32
	pictureOff uint16
	levelOff   uint8

	seq     uint16 // the highest given
	time    uint32
	picture uint16
	level   uint8
	at      time.Time
}

const floored = 1000 // packets for which the floor is looked at: later its number is used again

// begin starts another piece with its first packet.
func (r *rewriter) begin(p *packet) {
	r.floor, r.since = p.seq, 0
	if !r.started {
		r.started = true
		r.seqOff, r.timeOff, r.pictureOff, r.levelOff = 0, 0, 0, 0
		r.seq, r.time, r.at = p.seq-1, p.time, p.at
		r.picture, r.level = (p.vp8.picture-1)&0x7fff, p.vp8.level-1
		return
	}
	// A packet that was kept is older than what the slot carried last.
	passed := max(uint32(max(p.at.Sub(r.at).Seconds(), 0)*float64(r.rate)), 1)
	r.seqOff = r.seq + 1 - p.seq
	r.timeOff = r.time + passed - p.time
	r.pictureOff = r.picture + 1 - p.vp8.picture
	r.levelOff = r.level + 1 - p.vp8.level
}

// next gives the numbers of a packet; false when it belongs to an earlier piece.
func (r *rewriter) next(p *packet) (seq uint16, at uint32, ok bool) {
	if r.since < floored {
		if int16(p.seq-r.floor) < 0 {
			return 0, 0, false
		}
		r.since++
	}
	seq, at = p.seq+r.seqOff, p.time+r.timeOff
	if int16(seq-r.seq) > 0 {
		r.seq, r.time, r.at = seq, at, p.at
	}
	if p.vp8.pictures > 0 {
		picture := (p.vp8.picture + r.pictureOff) & 0x7fff
		level := p.vp8.level + r.levelOff
		p.vp8.write(p.payload, picture, level)
		if (picture-r.picture)&0x7fff < 0x4000 {
			r.picture, r.level = picture, level
		}
	}
	return seq, at, true
}

// skip closes the gap that a packet leaves which is not forwarded (padding of the page). Only the
// next in line can be closed: behind it others may have gone already.
func (r *rewriter) skip(p *packet) {
	if r.started && p.seq+r.seqOff == r.seq+1 {
		r.seqOff--
	}
}
