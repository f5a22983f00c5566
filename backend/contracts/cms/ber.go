package cms

import (
	"encoding/asn1"
	"fmt"
)

// definite rewrites lengths that are not said at the beginning (X.690, 8.1.3.6), as some signers
// write them though PDF asks for DER. What has a definite length is copied as it is, since it
// may be signed. Bytes behind the first value are kept.
func definite(in []byte) ([]byte, error) {
	if len(in) < 2 || in[0]&0x20 == 0 || in[1] != 0x80 {
		return in, nil
	}
	out, rest, err := value(in, 0)
	if err != nil {
		return nil, err
	}
	return append(out, rest...), nil
}

// value reads one value and gives it with a definite length.
func value(in []byte, depth int) (out, rest []byte, err error) {
	if depth > 16 {
		return nil, nil, fmt.Errorf("%w: depth", ErrMalformed)
	}
	if len(in) < 2 || in[0]&0x1f == 0x1f {
		return nil, nil, fmt.Errorf("%w: a value ends", ErrMalformed)
	}
	if in[1] != 0x80 {
		var raw asn1.RawValue
		if rest, err = asn1.Unmarshal(in, &raw); err != nil {
			return nil, nil, fmt.Errorf("%w: a value", ErrMalformed)
		}
		return raw.FullBytes, rest, nil
	}
	if in[0]&0x20 == 0 {
		return nil, nil, fmt.Errorf("%w: a value without length", ErrMalformed)
	}
	// A string of bytes that comes in pieces becomes one.
	tag, pieces := in[0], in[0] == 0x24
	var inner []byte
	for rest = in[2:]; ; {
		if len(rest) >= 2 && rest[0] == 0 && rest[1] == 0 {
			rest = rest[2:]
			break
		}
		var one []byte
		if one, rest, err = value(rest, depth+1); err != nil {
			return nil, nil, err
		}
		if pieces {
			var piece []byte
			if left, err := asn1.Unmarshal(one, &piece); err != nil || len(left) > 0 {
				return nil, nil, fmt.Errorf("%w: a piece of a string", ErrMalformed)
			}
			one = piece
		}
		inner = append(inner, one...)
	}
	if pieces {
		tag = 0x04
	}
	return append(head(tag, len(inner)), inner...), rest, nil
}

// head writes a tag and a length of DER.
func head(tag byte, n int) []byte {
	if n < 0x80 {
		return []byte{tag, byte(n)}
	}
	var size []byte
	for ; n > 0; n >>= 8 {
		size = append([]byte{byte(n)}, size...)
	}
	return append([]byte{tag, 0x80 | byte(len(size))}, size...)
}
