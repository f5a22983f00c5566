package chunk

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"sync"

	"lukechampine.com/blake3/guts"
)

const (
	batch       = guts.MaxSIMD * guts.ChunkSize
	batchHeight = 4 // a batch is a subtree of 2⁴ of BLAKE3's own chunks
	// maxHeight is enough for subtrees of 2⁶⁴ bytes.
	maxHeight = 54
)

// Sum names bytes: BLAKE3-256.
//
// The library's own Sum256 starts goroutines for anything above 1 KiB, which
// costs a third of the speed, and allocates. Many contents are hashed at once
// here, so each stays in its goroutine and goes through in whole batches.
func Sum(data []byte) ID {
	var subtrees [maxHeight][8]uint32
	var counter uint64
	for ; len(data) > batch; data = data[batch:] {
		n := guts.CompressBuffer((*[batch]byte)(data), batch, &guts.IV, counter, 0)
		cv, height := guts.ChainingValue(n), batchHeight
		for ; counter&(1<<height) != 0; height++ {
			cv = guts.ChainingValue(guts.ParentNode(subtrees[height], cv, &guts.IV, 0))
		}
		subtrees[height] = cv
		counter += guts.MaxSIMD
	}
	n := lastBatch(data, counter)
	for height := bits.TrailingZeros64(counter); height < bits.Len64(counter); height++ {
		if counter&(1<<height) != 0 {
			n = guts.ParentNode(subtrees[height], guts.ChainingValue(n), &guts.IV, 0)
		}
	}
	n.Flags |= guts.FlagRoot
	var id ID
	for i, word := range guts.ChainingValue(n) {
		binary.LittleEndian.PutUint32(id[4*i:], word)
	}
	return id
}

// lastBatch hashes what is left, at most a batch. The library reads a whole
// batch whatever the length is, so a shorter one is copied into one of its own.
func lastBatch(data []byte, counter uint64) guts.Node {
	if len(data) <= guts.ChunkSize {
		return guts.CompressChunk(data, &guts.IV, counter, 0)
	}
	if cap(data) >= batch {
		return guts.CompressBuffer((*[batch]byte)(data[:batch]), len(data), &guts.IV, counter, 0)
	}
	var whole [batch]byte
	copy(whole[:], data)
	return guts.CompressBuffer(&whole, len(data), &guts.IV, counter, 0)
}

// zeros knows the names of the chunks that a long run of zeros is cut into, one
// for each class.
var zeros = sync.OnceValue(func() map[uint32]ID {
	out := map[uint32]ID{}
	for _, c := range classes {
		out[uint32(c.most)] = Sum(make([]byte, c.most))
	}
	return out
})

// Zero is the name of so many zeros; at once for the lengths that a run of zeros
// is cut into, by hashing for others.
func Zero(size uint32) ID {
	if id, known := zeros()[size]; known {
		return id
	}
	return Sum(make([]byte, size))
}

// Hole reports whether a chunk is one that a long run of zeros is cut into: it
// need not be sent, and where it belongs a file may have a hole. It costs no hash.
func (c Chunk) Hole() bool {
	id, known := zeros()[c.Size]
	return known && id == c.ID
}

// empty reports whether data is zeros only. It takes the first bytes first: most
// content is seen not to be after eight of them.
func empty(data []byte) bool {
	for len(data) >= len(zeroPage) {
		if !bytes.Equal(data[:len(zeroPage)], zeroPage) {
			return false
		}
		data = data[len(zeroPage):]
	}
	return bytes.Equal(data, zeroPage[:len(data)])
}

var zeroPage = make([]byte, 4096)
