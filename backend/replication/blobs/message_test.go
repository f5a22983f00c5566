package blobs

import (
	"bytes"
	"reflect"
	"testing"

	"roundtable/backend/blob"
	"roundtable/backend/wire"
)

// A piece goes over the wire as every program before this one wrote and read it.
func TestPiecesAreAnswers(t *testing.T) {
	for _, size := range []int{1, 23, 24, 255, 256, 1<<16 - 1, 1 << 16, blob.MaxSealed} {
		piece := bytes.Repeat([]byte{7}, size)
		var want, got bytes.Buffer
		if err := wire.Send(&want, answer{Piece: piece}); err != nil {
			t.Fatal(err)
		}
		if err := sendPiece(&got, append(make([]byte, room), piece...)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("%d bytes are written in another way", size)
		}
		a, err := receiveAnswer(&got, make([]byte, maxAnswer))
		if err != nil || !bytes.Equal(a.Piece, piece) || a.Flags != nil {
			t.Errorf("%d bytes are read as %d, %v", size, len(a.Piece), err)
		}
	}
}

// FuzzAnswer: the short way reads what the long one does, and nothing else.
func FuzzAnswer(f *testing.F) {
	f.Add(wire.MustEncode(answer{}))
	f.Add(wire.MustEncode(answer{Flags: []bool{true, false}}))
	f.Add(wire.MustEncode(answer{Piece: make([]byte, 1<<16)}))
	f.Add([]byte{mapOfOne, keyPiece, bytes32, 0, 0, 0, 1, 9})
	f.Add([]byte{mapOfOne, keyPiece, bytes32, 0xff, 0xff, 0xff, 0xff, 9})
	f.Fuzz(func(t *testing.T, body []byte) {
		var want answer
		wrong := wire.DecodeLoose(bytes.Clone(body), maxAnswer, &want)
		got, err := decodeAnswer(body)
		if (err == nil) != (wrong == nil) || err == nil && !(len(got.Piece) == 0 && len(want.Piece) == 0 || bytes.Equal(got.Piece, want.Piece)) || err == nil && !reflect.DeepEqual(got.Flags, want.Flags) {
			t.Errorf("%x: %v, %v instead of %v, %v", body, got, err, want, wrong)
		}
	})
}
