package config

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestRelayFlagsOutweighTheEnvironmentAndThatTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.json")
	if err := os.WriteFile(path, []byte(`{"public_host": "file.example", "listen": ":1", "drain": "3s", "turn_allow_private": true, "name": "远山"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ROUNDTABLE_RELAY_CONFIG", "")
	t.Setenv("ROUNDTABLE_RELAY_LISTEN", ":2")
	c, err := ParseRelay("relay", []string{"serve", "--config", path}, io.Discard)
	if err != nil || c.Command != RelayServe || c.PublicHost != "file.example" || c.Listen != ":2" || c.Drain != 3*time.Second || !c.TurnAllowPrivate || c.Name != "远山" || c.TurnListen != ":3478" {
		t.Errorf("%+v %v", c, err)
	}
	c, err = ParseRelay("relay", []string{"serve", "--config", path, "--listen", ":3"}, io.Discard)
	if err != nil || c.Listen != ":3" {
		t.Errorf("%+v %v", c, err)
	}
	if err := os.WriteFile(path, []byte(`{"pulbic_host": "x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ParseRelay("relay", []string{"serve", "--config", path}, io.Discard); !errors.Is(err, ErrUsage) {
		t.Errorf("a misspelt setting: %v", err)
	}
}

func TestRelayMistakes(t *testing.T) {
	for _, arguments := range [][]string{
		{}, {"serve", "--cert", "x"}, {"serve", "--engine", "redis://x"}, {"serve", "--listen", "47820"}, {"admit"},
		{"admit", "--name", "x", "--max-gb=-1"}, {"serve", "--turn-relay", "::1"}, {"suspend"}, {"move", "--from", "a"},
		{"serve", "--acme", "a", "--cert", "b", "--key", "c"}, {"serve", "--public-host", "https://x"}, {"fly"},
	} {
		if _, err := ParseRelay("relay", arguments, io.Discard); !errors.Is(err, ErrUsage) {
			t.Errorf("%q: %v", arguments, err)
		}
	}
	var out bytes.Buffer
	if c, err := ParseRelay("relay", []string{"--help"}, &out); err != nil || !c.Help || out.Len() == 0 {
		t.Errorf("%+v %v", c, err)
	}
	if c, err := ParseRelay("relay", []string{"admit", "--name", "远山", "--max-gb", "5"}, io.Discard); err != nil || c.Command != RelayAdmit || c.Name != "远山" || c.MaxGB != 5 {
		t.Errorf("%+v %v", c, err)
	}
	if c, err := ParseRelay("relay", []string{"suspend", "abc"}, io.Discard); err != nil || c.Command != RelaySuspend || c.Tenant != "abc" {
		t.Errorf("%+v %v", c, err)
	}
}
