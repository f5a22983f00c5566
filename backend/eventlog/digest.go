package eventlog

import (
	"slices"

	"roundtable/backend/envelope"
	"roundtable/backend/wire"
)

// Bucket and Sum compare frontiers; a relay reckons the same.
type (
	Bucket = envelope.Bucket
	Sum    = envelope.Sum
)

// Head is one entry of a frontier as peers exchange it.
type Head struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Start  uint64
	Lane   uint8
	Seq    uint64
}

// Feed names the feed of an entry.
func (h Head) Feed() envelope.Feed {
	return envelope.Feed{Device: h.Device, Start: h.Start, Lane: envelope.Lane(h.Lane)}
}

// digest holds the sums of the buckets that are not empty.
type digest map[Bucket]Sum

// move replaces one sequence of a feed by another in the sums.
func (d digest) move(f envelope.Feed, from, to uint64) {
	for _, seq := range []uint64{from, to} {
		if seq == 0 {
			continue
		}
		b, s := envelope.FrontierSum(f, seq)
		sum := d[b]
		sum.Add(s)
		if sum == (Sum{}) {
			delete(d, b)
		} else {
			d[b] = sum
		}
	}
}

// Digest sums up the whole frontier of a space in 16 bytes.
func (l *Log) Digest(id wire.SpaceID) Sum {
	var all Sum
	for _, s := range l.Buckets(id) {
		all.Add(s)
	}
	return all
}

// Buckets gives the sums of the buckets that are not empty.
func (l *Log) Buckets(id wire.SpaceID) map[Bucket]Sum {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	if sl == nil {
		return nil
	}
	out := make(map[Bucket]Sum, len(sl.digest))
	for b, s := range sl.digest {
		out[b] = s
	}
	return out
}

// Heads lists the frontier of some buckets; of all when none are named.
func (l *Log) Heads(id wire.SpaceID, buckets ...Bucket) []Head {
	var out []Head
	for f, seq := range l.Frontier(id) {
		b, _ := envelope.FrontierSum(f, seq)
		if len(buckets) > 0 && !slices.Contains(buckets, b) {
			continue
		}
		out = append(out, Head{Device: f.Device, Start: f.Start, Lane: uint8(f.Lane), Seq: seq})
	}
	return out
}
