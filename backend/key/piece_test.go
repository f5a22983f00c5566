package key

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

func TestPieceKeyBindsThePlace(t *testing.T) {
	k := NewPieceKey()
	at := Place{Level: 0, Index: 7}
	sealed := k.Seal(at, []byte("content"))
	if len(sealed) != len("content")+PieceOverhead || bytes.Contains(sealed, []byte("content")) {
		t.Errorf("sealed to %d bytes", len(sealed))
	}
	again, err := PieceKeyFromBytes(k.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open(at, sealed); err != nil || string(plain) != "content" {
		t.Errorf("%q, %v", plain, err)
	}
	for name, try := range map[string]func() ([]byte, error){
		"another index": func() ([]byte, error) { return k.Open(Place{Index: 8}, sealed) },
		"another level": func() ([]byte, error) { return k.Open(Place{Level: 1, Index: 7}, sealed) },
		"another file":  func() ([]byte, error) { return NewPieceKey().Open(at, sealed) },
		"no key":        func() ([]byte, error) { return PieceKey{}.Open(at, sealed) },
		"cut short":     func() ([]byte, error) { return k.Open(at, sealed[:PieceOverhead-1]) },
		"nothing":       func() ([]byte, error) { return k.Open(at, nil) },
	} {
		if _, err := try(); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := k.Open(at, bad); !errors.Is(err, ErrSealed) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	if bytes.Equal(k.Seal(at, []byte("x")), k.Seal(at, []byte("x"))) {
		t.Error("the same nonce twice")
	}
	if s := fmt.Sprintf("%v %+v %#v %s", k, k, k, k); s != "[secret] [secret] [secret] [secret]" {
		t.Error(s)
	}
}
