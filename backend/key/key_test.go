package key

import (
	"bytes"
	"crypto/hpke"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSignatureIsForOneContext(t *testing.T) {
	k := NewSigningKey()
	signature, err := k.Sign(ContextEnvelope, []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(k.Public(), ContextEnvelope, []byte("text"), signature); err != nil {
		t.Error(err)
	}
	other := NewSigningKey()
	for name, err := range map[string]error{
		"another context": Verify(k.Public(), ContextCertificate, []byte("text"), signature),
		"another text":    Verify(k.Public(), ContextEnvelope, []byte("texT"), signature),
		"another key":     Verify(other.Public(), ContextEnvelope, []byte("text"), signature),
		"cut short":       Verify(k.Public(), ContextEnvelope, []byte("text"), signature[:63]),
	} {
		if !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	again, err := SigningKeyFromSeed(k.Seed())
	if err != nil || again.Public() != k.Public() {
		t.Errorf("rebuilt from its seed: %v", err)
	}
}

// What is recorded today must stay closed to a quantum computer.
func TestKeysTravelUnderAPostQuantumHybrid(t *testing.T) {
	kem, _, _ := suite()
	if kem.ID() != hpke.MLKEM768X25519().ID() {
		t.Fatalf("KEM %#x", kem.ID())
	}
	k := NewSealingKey()
	if n := len(k.SealPublic()); n != 1216 {
		t.Errorf("public key of %d bytes: ML-KEM-768 has 1184, X25519 32", n)
	}
	box, err := Wrap(k.SealPublic(), []byte("info"), []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := k.Open([]byte("info"), box)
	if err != nil || string(plain) != "secret" {
		t.Errorf("%q, %v", plain, err)
	}
	if _, err := k.Open([]byte("other"), box); !errors.Is(err, ErrSealed) {
		t.Errorf("another use: %v", err)
	}
	if _, err := NewSealingKey().Open([]byte("info"), box); !errors.Is(err, ErrSealed) {
		t.Errorf("another device: %v", err)
	}
	box[len(box)-1] ^= 1
	if _, err := k.Open([]byte("info"), box); !errors.Is(err, ErrSealed) {
		t.Errorf("changed: %v", err)
	}
	raw, err := k.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	again, err := SealingKeyFromBytes(raw)
	if err != nil || !bytes.Equal(again.SealPublic(), k.SealPublic()) {
		t.Errorf("rebuilt: %v", err)
	}
	if err := SealPublic("short").Check(); err == nil {
		t.Error("a short public key passed")
	}
}

func TestEpochKeyBindsTheHeader(t *testing.T) {
	k := NewEpochKey()
	sealed := k.Seal([]byte("header"), []byte("body"))
	if bytes.Contains(sealed, []byte("body")) {
		t.Error("not sealed")
	}
	plain, err := k.Open([]byte("header"), sealed)
	if err != nil || string(plain) != "body" {
		t.Errorf("%q, %v", plain, err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x80
		if _, err := k.Open([]byte("header"), bad); !errors.Is(err, ErrSealed) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	if _, err := k.Open([]byte("Header"), sealed); !errors.Is(err, ErrSealed) {
		t.Errorf("another header: %v", err)
	}
	if _, err := (EpochKey{}).Open(nil, sealed); !errors.Is(err, ErrSealed) {
		t.Errorf("no key: %v", err)
	}
	if bytes.Equal(k.Seal(nil, []byte("x")), k.Seal(nil, []byte("x"))) {
		t.Error("the same nonce twice")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	sign, seal, epoch := NewSigningKey(), NewSealingKey(), NewEpochKey()
	var out strings.Builder
	log := slog.New(slog.NewTextHandler(&out, nil))
	log.Info("keys", "sign", sign, "seal", seal, "epoch", epoch)
	fmt.Fprintf(&out, "%v %+v %#v %s %v %+v %#v %s %v %+v %#v %s", sign, sign, sign, sign, seal, seal, seal, seal, epoch, epoch, epoch, epoch)
	if n := strings.Count(out.String(), redacted); n != 15 {
		t.Errorf("%d of 15 are redacted: %s", n, out.String())
	}
	if _, err := sign.MarshalText(); err == nil {
		t.Error("a signing key became text")
	}
	if _, err := epoch.MarshalText(); err == nil {
		t.Error("an epoch key became text")
	}
}

func TestHashKeepsPartsApart(t *testing.T) {
	if Hash("p", []byte("ab"), []byte("c")) == Hash("p", []byte("a"), []byte("bc")) {
		t.Error("different parts, one hash")
	}
	if Hash("p", []byte("a")) == Hash("q", []byte("a")) {
		t.Error("different purposes, one hash")
	}
}

// A key of small order verifies signatures that nobody made: it is nobody's.
func TestKeysOfSmallOrderAreNobodys(t *testing.T) {
	for _, first := range []byte{0, 1} {
		var public [32]byte
		public[0] = first
		for i := range 64 {
			if Verify(public, ContextEnvelope, []byte{byte(i)}, make([]byte, 64)) == nil {
				t.Fatalf("key %x vouches for message %d", public[:1], i)
			}
		}
	}
}
