package eventlog

import (
	"encoding/binary"
	"slices"

	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// Bucket is the part of a space's feeds whose names hash to one byte.
type Bucket uint8

// Sum is the exclusive or of a hash for each feed and its last sequence: equal
// sums mean equal frontiers, except for somebody who works at a collision, and
// he would only keep himself from being told of news.
type Sum [16]byte

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

func place(f envelope.Feed, seq uint64) (Bucket, Sum) {
	var b [25]byte
	b[0] = byte(f.Lane)
	binary.BigEndian.PutUint64(b[1:], f.Start)
	name := key.Hash("roundtable feed v1", f.Device[:], b[:9])
	binary.BigEndian.PutUint64(b[9:], seq)
	sum := key.Hash("roundtable frontier v1", name[:], b[9:17])
	return Bucket(name[0]), Sum(sum[:16])
}

// move replaces one sequence of a feed by another in the sums.
func (d digest) move(f envelope.Feed, from, to uint64) {
	for _, seq := range []uint64{from, to} {
		if seq == 0 {
			continue
		}
		b, s := place(f, seq)
		sum := d[b]
		for i := range sum {
			sum[i] ^= s[i]
		}
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
		for i := range all {
			all[i] ^= s[i]
		}
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
		b, _ := place(f, seq)
		if len(buckets) > 0 && !slices.Contains(buckets, b) {
			continue
		}
		out = append(out, Head{Device: f.Device, Start: f.Start, Lane: uint8(f.Lane), Seq: seq})
	}
	return out
}
