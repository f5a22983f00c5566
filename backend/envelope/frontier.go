package envelope

import (
	"encoding/binary"

	"roundtable/backend/key"
)

// Bucket is the part of a space's feeds whose names hash to one byte.
type Bucket uint8

// Sum is the exclusive or of a hash for each feed and its last sequence: equal
// sums mean equal frontiers, except for somebody who works at a collision, and
// he would only keep himself from being told of news.
type Sum [16]byte

// Add puts one sum into another; adding it again takes it out.
func (s *Sum) Add(o Sum) {
	for i := range s {
		s[i] ^= o[i]
	}
}

// FrontierSum is what a feed's last sequence adds to the sum of its bucket.
func FrontierSum(f Feed, seq uint64) (Bucket, Sum) {
	var b [25]byte
	b[0] = byte(f.Lane)
	binary.BigEndian.PutUint64(b[1:], f.Start)
	name := key.Hash("roundtable feed v1", f.Device[:], b[:9])
	binary.BigEndian.PutUint64(b[9:], seq)
	sum := key.Hash("roundtable frontier v1", name[:], b[9:17])
	return Bucket(name[0]), Sum(sum[:16])
}
