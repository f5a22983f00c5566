package power

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"
)

// folder is /sys/class/power_supply as lines of "entry/file": "word".
func folder(words map[string]string) fs.FS {
	out := fstest.MapFS{}
	for name, word := range words {
		out[name] = &fstest.MapFile{Data: []byte(word + "\n")}
	}
	return out
}

func TestLinuxSupplies(t *testing.T) {
	battery := func(status string) map[string]string {
		return map[string]string{"BAT0/type": "Battery", "BAT0/status": status, "BAT0/capacity": "80"}
	}
	with := func(words map[string]string, more ...string) map[string]string {
		for i := 0; i < len(more); i += 2 {
			words[more[i]] = more[i+1]
		}
		return words
	}
	for name, c := range map[string]struct {
		words map[string]string
		want  Battery
	}{
		"a computer on a desk":             {nil, OnMains},
		"a laptop, plugged in":             {with(battery("Charging"), "AC/type", "Mains", "AC/online", "1"), OnMains},
		"plugged in, and still too little": {with(battery("Discharging"), "AC/type", "Mains", "AC/online", "1"), OnMains},
		"a laptop on its battery":          {with(battery("Discharging"), "AC/type", "Mains", "AC/online", "0"), OnBattery},
		"held at its limit":                {battery("Not charging"), OnMains},
		"a port that gives current":        {with(battery("Discharging"), "ucsi-source-psy-USBC000:001/type", "USB", "ucsi-source-psy-USBC000:001/online", "1"), OnBattery},
		"only a port takes current":        {with(battery("Charging"), "usb/type", "USB", "usb/online", "1"), OnMains},
		"a mouse":                          {map[string]string{"hid/type": "Battery", "hid/scope": "Device", "hid/status": "Discharging"}, OnMains},
		"an emergency supply at work":      {map[string]string{"ups/type": "UPS", "ups/status": "Discharging"}, OnBattery},
		"an entry that says nothing":       {map[string]string{"x/uevent": ""}, OnMains},
	} {
		all, err := readSupplies(folder(c.words))
		if got := ofSupplies(all); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := readSupplies(fstest.MapFS{"x": {Data: nil}}); err != nil {
		t.Errorf("a file among the entries: %v", err)
	}
	if _, err := readSupplies(missing{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

type missing struct{}

func (missing) Open(string) (fs.File, error) { return nil, fs.ErrNotExist }

func TestPmset(t *testing.T) {
	for text, want := range map[string]Battery{
		"Now drawing from 'AC Power'\n -InternalBattery-0 (id=4653155)\t100%; charged; 0:00 remaining present: true\n":       OnMains,
		"Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t57%; discharging; 4:31 remaining present: true": OnBattery,
		"Now drawing from 'UPS Power'\n": OnBattery,
		"Now drawing from 'AC Power'":    OnMains, // a Mac without a battery
		"Now drawing from 'Sun'\n":       BatteryUnknown,
		"Now drawing from 'AC Power":     BatteryUnknown,
		"No adapter attached.\n":         BatteryUnknown,
		"":                               BatteryUnknown,
	} {
		if got := ofPmset(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestNumbersOfSystems(t *testing.T) {
	for value, want := range map[uint32]Metered{0: MeteredUnknown, 1: IsMetered, 2: NotMetered, 3: IsMetered, 4: NotMetered, 5: MeteredUnknown} {
		if got := ofNetworkManager(value); got != want {
			t.Errorf("NetworkManager's %d: %v", value, got)
		}
	}
	for cost, want := range map[uint32]Metered{0: MeteredUnknown, 1: NotMetered, 2: IsMetered, 4: IsMetered, 0x40001: IsMetered, 0x20001: NotMetered, 0x80002: IsMetered, 0x10000: IsMetered} {
		if got := ofCost(cost); got != want {
			t.Errorf("Windows' cost %#x: %v", cost, got)
		}
	}
	for status, want := range map[byte]Battery{0: OnBattery, 1: OnMains, 255: BatteryUnknown, 7: BatteryUnknown} {
		if got := ofACLine(status); got != want {
			t.Errorf("Windows' ACLineStatus %d: %v", status, got)
		}
	}
}

// Whatever this system is, it answers, and in time.
func TestNowAnswers(t *testing.T) {
	ctx, end := context.WithTimeout(context.Background(), 5*time.Second)
	defer end()
	s := Now(ctx)
	t.Logf("battery %v, metered %v", s.Battery, s.Metered)
	if err := ctx.Err(); err != nil {
		t.Error(err)
	}
	ended, end := context.WithCancel(context.Background())
	end()
	_ = Now(ended).Metered.String()
}

func FuzzPmset(f *testing.F) {
	f.Add("Now drawing from 'AC Power'\n")
	f.Add("drawing from ''")
	f.Fuzz(func(t *testing.T, text string) {
		if got := ofPmset(text); got > OnBattery {
			t.Errorf("%q: %d", text, got)
		}
	})
}

func FuzzSupplies(f *testing.F) {
	f.Add("Battery", "System", "", "Discharging")
	f.Add("Mains", "", "1", "")
	f.Add("USB\x00", "Device\n", "\xff", "")
	f.Fuzz(func(t *testing.T, kind, scope, online, status string) {
		all, err := readSupplies(folder(map[string]string{"a/type": kind, "a/scope": scope, "a/online": online, "a/status": status}))
		if err != nil || len(all) != 1 || len(all[0].kind) > maxSupplyFile {
			t.Fatalf("%v, %v", all, err)
		}
		if got := ofSupplies(all); got != OnMains && got != OnBattery {
			t.Errorf("%v: %v", all, got)
		}
	})
}
