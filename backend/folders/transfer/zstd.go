package transfer

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"roundtable/backend/wire"
)

// coder holds the tables of one compression; they are costly to make.
type coder struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

var coders = sync.Pool{New: func() any {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are constants
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxAskBytes), zstd.WithDecoderLowmem(true))
	if err != nil {
		panic(err)
	}
	return &coder{enc, dec}
}}

// Pack compresses; nil when that saves less than a tenth.
func Pack(plain []byte) []byte {
	if len(plain) < 512 {
		return nil
	}
	c := coders.Get().(*coder)
	defer coders.Put(c)
	// A sample tells whether it is worth the time: most large files are compressed already.
	if sample := plain[:min(len(plain), 8<<10)]; len(plain) > 4*len(sample) && len(c.enc.EncodeAll(sample, nil)) > len(sample)*9/10 {
		return nil
	}
	if packed := c.enc.EncodeAll(plain, nil); len(packed) < len(plain)*9/10 {
		return packed
	}
	return nil
}

// Unpack is the reverse; most bounds what comes out. Errors: wire.ErrMalformed.
func Unpack(packed []byte, most int) ([]byte, error) {
	c := coders.Get().(*coder)
	defer coders.Put(c)
	plain, err := c.dec.DecodeAll(packed, nil)
	if err != nil || len(plain) > most {
		return nil, fmt.Errorf("unpack: %w", wire.ErrMalformed)
	}
	return plain, nil
}

func pack(chunks [][]byte, total int) []byte {
	plain := make([]byte, 0, total)
	for _, c := range chunks {
		plain = append(plain, c...)
	}
	return Pack(plain)
}
