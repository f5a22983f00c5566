package chunk

import "lukechampine.com/blake3"

// class is how content of some size is cut.
type class struct {
	below               int64 // the class is for content shorter than this
	least, normal, most int
	// early and late bound the gear hash up to the normal length and beyond it.
	early, late uint64
}

// classes by size of the content, the last one without an end. Lengths and bounds
// were chosen by trying: with the early bound nearer to the late one than the
// papers have it, cuts fall back into step sooner after a change (1.10 MiB are new
// after one of 1 MiB, instead of 1.15), and still 0.1 % of chunks reach the most.
var classes = []class{
	{4 << 30, 16 << 10, 48 << 10, 256 << 10, oneIn(17), oneIn(15)},
	{64 << 30, 64 << 10, 192 << 10, MaxChunk, oneIn(19), oneIn(17)},
	{MaxSize + 1, 128 << 10, 384 << 10, MaxChunk, oneIn(19), oneIn(18)},
}

// oneIn bounds the hash so that one position in 2^bits ends a chunk.
func oneIn(bits int) uint64 { return 1 << (64 - bits) }

// classOf finds how content of a size is cut.
func classOf(size int64) class {
	for _, c := range classes {
		if size < c.below {
			return c
		}
	}
	return classes[len(classes)-1]
}

const (
	// window is how many bytes the gear hash depends on: one for each of its bits.
	window = 64
	// lane is how many bytes each of the two lanes of scan takes at a time.
	lane = 2 << 10
)

// gear gives every byte its number. It is part of the protocol: see the package's
// doc.
var gear = makeGear()

func makeGear() (table [256]uint64) {
	for b := range table {
		sum := blake3.Sum256(append([]byte("roundtable gear v1"), byte(b)))
		for _, x := range sum[:8] {
			table[b] = table[b]<<8 | uint64(x)
		}
	}
	return table
}

// cut is the length of the chunk that begins data. Data holds the most that a
// chunk may be, or all that is left.
func (c *class) cut(data []byte) int {
	if len(data) <= c.least {
		return len(data)
	}
	if len(data) > c.most {
		data = data[:c.most]
	}
	if data[0] == 0 && data[len(data)-1] == 0 && empty(data) {
		return len(data) // what the scan would find, ten times faster
	}
	middle := min(c.normal, len(data))
	if n, found := scan(data, c.least, middle, c.early); found {
		return n
	}
	n, _ := scan(data, middle, len(data), c.late)
	return n
}

// scan gives the first end of a chunk in data[from:to], from ≥ window; else to.
//
// One gear hash is a chain of additions, each waiting for the one before. Two of
// them, over neighbouring lanes, keep the processor busy: 2,460 MiB/s instead of
// 1,710.
func scan(data []byte, from, to int, bound uint64) (end int, found bool) {
	h := warm(data, from)
	for to-from >= 2*lane {
		k := warm(data, from+lane)
		left, right := data[from:from+lane], data[from+lane:from+2*lane]
		for i := range lane {
			h = h<<1 + gear[left[i]]
			k = k<<1 + gear[right[i]]
			if h < bound || k < bound {
				if h < bound {
					return from + i + 1, true
				}
				// The right lane has one. What is left of the left lane comes first.
				if n, found := step(left[i+1:], h, bound); found {
					return from + i + 1 + n, true
				}
				return from + lane + i + 1, true
			}
		}
		h = k
		from += 2 * lane
	}
	n, found := step(data[from:to], h, bound)
	return from + n, found
}

// warm is the gear hash before data[at].
func warm(data []byte, at int) (h uint64) {
	for _, b := range data[at-window : at] {
		h = h<<1 + gear[b]
	}
	return h
}

// step rolls on until a chunk ends.
func step(data []byte, h, bound uint64) (n int, found bool) {
	for i, b := range data {
		if h = h<<1 + gear[b]; h < bound {
			return i + 1, true
		}
	}
	return len(data), false
}
