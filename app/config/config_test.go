package config

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"roundtable/backend/errcode"
)

func TestParse(t *testing.T) {
	t.Setenv("LC_ALL", "zh_CN.UTF-8")
	t.Setenv("ROUNDTABLE_LAN", "off")
	folder := t.TempDir()
	c, err := Parse("x", []string{"--profile", folder, "--no-nearby", "--log-level=debug", "--listen=:47900"}, &bytes.Buffer{})
	want := Config{Profile: folder, Listen: ":47900", LAN: "off", Language: Chinese, LogLevel: slog.LevelDebug}
	if err != nil || c != want {
		t.Errorf("%+v %v", c, err)
	}
	if c, err = Parse("x", []string{"--language=en", "--lan=192.0.2.7:47800"}, &bytes.Buffer{}); err != nil || c.Language != English || c.LAN != "192.0.2.7:47800" || !c.Nearby || !filepath.IsAbs(c.Profile) || filepath.Base(c.Profile) != "Roundtable" {
		t.Errorf("%+v %v", c, err)
	}
	for _, bad := range [][]string{{"--lan=x"}, {"--listen=192.0.2.7:1"}, {"--listen=1"}, {"word"}, {"--language=fr"}, {"--profile=a\x00b"}} {
		if _, err := Parse("x", bad, &bytes.Buffer{}); !errors.Is(err, ErrUsage) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	for locale, want := range map[string]Language{"zh_CN.UTF-8": Chinese, "zh-Hans": Chinese, "ZH": Chinese, "C": English, "": English, "de_DE": English} {
		if got := languageOf(locale); got != want {
			t.Errorf("%q: %v", locale, got)
		}
	}
}

func TestSentence(t *testing.T) {
	inUse := fmt.Errorf("open profile: %w", errcode.With(errcode.ProfileInUse, errors.New("locked")))
	zh, exit := Sentence(Chinese, inUse)
	en, _ := Sentence(English, inUse)
	if exit != ExitInUse || zh == en || zh == "" {
		t.Errorf("%d %q %q", exit, zh, en)
	}
	if _, exit := Sentence(English, errors.New("anything")); exit != ExitFault {
		t.Errorf("unknown: %d", exit)
	}
}
