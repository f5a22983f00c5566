package key

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"
)

// TestSingleKnownAnswer: the example of draft-irtf-cfrg-xchacha-03, section 2.2.1 (HChaCha20) and A.3.1 (the whole).
func TestSingleKnownAnswer(t *testing.T) {
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	k, err := EpochKeyFromBytes(unhex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"))
	if err != nil {
		t.Fatal(err)
	}
	one, err := k.Single(append(unhex("000000090000004a0000000031415927"), make([]byte, 24)...))
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(one.Bytes()); got != "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc" {
		t.Errorf("HChaCha20 gives %s", got)
	}
	k, _ = EpochKeyFromBytes(unhex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"))
	sealed := unhex("404142434445464748494a4b4c4d4e4f5051525354555657" +
		"bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452" +
		"2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e" + "c0875924c1c7987947deafd8780acf49")
	one, err = k.Single(sealed)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := one.Open(unhex("50515253c0c1c2c3c4c5c6c7"), sealed)
	if err != nil || !bytes.HasPrefix(plain, []byte("Ladies and Gentlemen of the class of '99")) {
		t.Errorf("opened %q, %v", plain, err)
	}
}

func TestSingleOpensOneText(t *testing.T) {
	k := NewEpochKey()
	a, b := k.Seal([]byte("header"), []byte("first")), k.Seal([]byte("header"), []byte("second"))
	one, err := k.Single(a)
	if err != nil {
		t.Fatal(err)
	}
	again, err := SingleKeyFromBytes(one.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open([]byte("header"), a); err != nil || string(plain) != "first" {
		t.Errorf("opened %q, %v", plain, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"another text":   func() ([]byte, error) { return one.Open([]byte("header"), b) },
		"another header": func() ([]byte, error) { return one.Open([]byte("Header"), a) },
		"a short text":   func() ([]byte, error) { return one.Open([]byte("header"), a[:23]) },
		"a changed text": func() ([]byte, error) {
			return one.Open([]byte("header"), append(bytes.Clone(a[:len(a)-1]), a[len(a)-1]^1))
		},
	} {
		if plain, err := open(); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
	if _, err := k.Single(a[:20]); !errors.Is(err, ErrSealed) {
		t.Errorf("a text that is none: %v", err)
	}
	if _, err := SingleKeyFromBytes(make([]byte, 31)); err == nil {
		t.Error("31 bytes are no key")
	}
	if s := fmt.Sprintf("%v %+v %#v", one, one, one); s != redacted+" "+redacted+" "+redacted {
		t.Errorf("it prints itself: %s", s)
	}
}
