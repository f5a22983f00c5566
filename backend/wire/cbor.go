package wire

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

var (
	// ErrMalformed wraps every refusal of foreign bytes.
	ErrMalformed = errors.New("malformed bytes")
	// ErrTooLarge is returned for input beyond its limit, before it is parsed.
	ErrTooLarge = errors.New("beyond the size limit")

	encMode = must(cbor.EncOptions{
		Sort:          cbor.SortCoreDeterministic,
		ShortestFloat: cbor.ShortestFloat16,
		NaNConvert:    cbor.NaNConvertReject,
		InfConvert:    cbor.InfConvertReject,
		IndefLength:   cbor.IndefLengthForbidden,
		TagsMd:        cbor.TagsForbidden,
		NilContainers: cbor.NilContainerAsEmpty,
		Time:          cbor.TimeUnix,
	}.EncMode())

	decMode = must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		MaxNestedLevels:   MaxNesting,
		MaxArrayElements:  MaxArrayElements,
		MaxMapPairs:       MaxMapPairs,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		UTF8:              cbor.UTF8RejectInvalid,
	}.DecMode())
)

// Raw is an encoded item that is decoded later.
type Raw = cbor.RawMessage

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // options are constants: a mistake shows at the first start
	}
	return v
}

// Encode gives the canonical bytes of v. It fails only for types that have no
// canonical form, which is a fault of the program.
func Encode(v any) ([]byte, error) {
	out, err := encMode.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return out, nil
}

// MustEncode is Encode for values made by this program from fixed types.
func MustEncode(v any) []byte { return must(Encode(v)) }

// Decode reads exactly one item of at most limit bytes into v, and refuses
// bytes that are not the canonical form of what it read.
// Errors: ErrTooLarge, ErrMalformed.
func Decode(data []byte, limit int, v any) error {
	if err := DecodeLoose(data, limit, v); err != nil {
		return err
	}
	again, err := encMode.Marshal(v)
	if err != nil || !bytes.Equal(again, data) {
		return fmt.Errorf("decode %T: not canonical: %w", v, ErrMalformed)
	}
	return nil
}

// DecodeLoose is Decode without the comparison against the canonical form, for
// bytes that are never hashed or signed (frames between peers), and for bytes
// whose hash has been verified against a signature already.
func DecodeLoose(data []byte, limit int, v any) error {
	if len(data) > limit {
		return fmt.Errorf("decode %T of %d bytes: %w", v, len(data), ErrTooLarge)
	}
	if err := decMode.Unmarshal(data, v); err != nil {
		return fmt.Errorf("decode %T: %w: %w", v, ErrMalformed, err)
	}
	return nil
}
