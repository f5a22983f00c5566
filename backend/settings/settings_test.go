package settings

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
)

type published []string

func (p *published) Publish(topics ...string) { *p = append(*p, topics...) }

func ptr[T any](v T) *T { return &v }

func open(t *testing.T, folder string) *Settings {
	t.Helper()
	s, err := Open(folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestChoicesComeBackAfterARestart(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "profile")
	var told published
	api := NewAPI(open(t, folder), &told)
	got, err := api.Get(t.Context(), &v1.GetSettingsRequest{})
	if err != nil || !got.EnterSends || !got.VisibleNearby || !got.SendReadReceipts || !got.SendTyping || !got.RingCalls || !got.NotifyCalls || !got.NotifyContracts || !got.NotifyMessages || !got.NotifyWords || got.Language != "" {
		t.Fatalf("defaults: %v %v", got, err)
	}
	change := &v1.SetSettingsRequest{Language: ptr("zh"), Theme: ptr("dark"), EnterSends: ptr(false), DeviceName: ptr("  李卓然的电脑 ")}
	for range 2 { // the second time nothing changes, and nobody is told
		if got, err = api.Set(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	if got.DeviceName != "李卓然的电脑" || got.EnterSends || !got.SendTyping {
		t.Errorf("answer: %v", got)
	}
	if !slices.Equal(told, published{"settings"}) {
		t.Errorf("published %v", told)
	}
	want := Values{Language: "zh", Theme: "dark", DeviceName: "李卓然的电脑", VisibleNearby: true, SendReadReceipts: true, SendTyping: true, RingCalls: true, NotifyCalls: true, NotifyContracts: true, NotifyMessages: true, NotifyWords: true,
		QuietFrom: 1320, QuietTo: 480, DingInQuiet: true}
	if again := open(t, folder).Values(); again != want {
		t.Errorf("after a restart: %+v", again)
	}
}

func TestBadChoicesChangeNothing(t *testing.T) {
	s := open(t, t.TempDir())
	for _, c := range []struct {
		change Change
		want   errcode.Code
	}{
		{Change{Language: ptr("fr")}, errcode.SettingInvalid},
		{Change{Theme: ptr("Dark")}, errcode.SettingInvalid},
		{Change{DeviceName: ptr("")}, errcode.NameEmpty},
		{Change{DeviceName: ptr("  ")}, errcode.NameEmpty},
		{Change{DeviceName: ptr(strings.Repeat("x", 81))}, errcode.NameTooLong},
		{Change{DeviceName: ptr("a\u202eb"), Theme: ptr("dark")}, errcode.NameInvalid},
	} {
		if _, _, err := s.Set(c.change); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c.change, err)
		}
	}
	if s.Values() != Defaults() {
		t.Errorf("%+v", s.Values())
	}
}

func TestADamagedFileIsSetAside(t *testing.T) {
	for _, text := range []string{"", "  \n", "{", "[]", `{"language":1}`, `{"language":"xx"}`, `{"device_name":"a\nb"}`, strings.Repeat(" ", maxFile+1)} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, fileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, folder)
		if !s.Damaged() || s.Values() != Defaults() {
			t.Errorf("%.20q: %v %+v", text, s.Damaged(), s.Values())
		}
		if kept, err := os.ReadFile(filepath.Join(folder, damagedName)); err != nil || string(kept) != text {
			t.Errorf("%.20q: not kept: %v", text, err)
		}
		if _, _, err := s.Set(Change{Theme: ptr("dark")}); err != nil {
			t.Error(err)
		}
		if again := open(t, folder); again.Damaged() || again.Values().Theme != "dark" {
			t.Error("the next start is not clean")
		}
	}
}

func TestFieldsOfANewerVersionDoNoHarm(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, fileName), []byte(`{"theme":"dark","hologram":7}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := open(t, folder); s.Damaged() || s.Values().Theme != "dark" || !s.Values().EnterSends {
		t.Errorf("%+v", s.Values())
	}
}

func TestAFailedWriteKeepsTheOldChoices(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	if err := os.MkdirAll(filepath.Join(folder, fileName, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Set(Change{Theme: ptr("dark")}); err == nil || s.Values() != Defaults() {
		t.Errorf("%v %+v", err, s.Values())
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(`{"language":"zh","theme":"dark","enter_sends":false,"device_name":"x"}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := decode(data)
		if err != nil {
			return
		}
		if again, err := v.check(); err != nil || again != v {
			t.Errorf("%+v became %+v: %v", v, again, err)
		}
	})
}
