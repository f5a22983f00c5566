package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/name"
	"roundtable/backend/wire"
)

const (
	fileName    = "settings.json"
	damagedName = "settings.damaged.json"
	maxFile     = 64 << 10
)

// Values are the choices. Field names in the file are stable.
type Values struct {
	Language         string `json:"language"`    // "zh", "en", "": the system's
	Theme            string `json:"theme"`       // "light", "dark", "": the system's
	EnterSends       bool   `json:"enter_sends"` // else Shift+Enter does
	DeviceName       string `json:"device_name"` // "" until somebody gives one
	VisibleNearby    bool   `json:"visible_nearby"`
	SendReadReceipts bool   `json:"send_read_receipts"`
	SendTyping       bool   `json:"send_typing"`
	RingCalls        bool   `json:"ring_calls"`       // a tone when somebody calls
	NotifyCalls      bool   `json:"notify_calls"`     // the system shows a call while nobody looks at the window
	NotifyContracts  bool   `json:"notify_contracts"` // it tells of contracts that wait, are complete, or were declined
	NotifyMessages   bool   `json:"notify_messages"`  // it tells of messages
	NotifyWords      bool   `json:"notify_words"`     // with what they say
	// Quiet hours, in minutes after midnight here.
	Quiet       bool  `json:"quiet,omitempty"`
	QuietFrom   int32 `json:"quiet_from"`
	QuietTo     int32 `json:"quiet_to"`
	DingInQuiet bool  `json:"ding_in_quiet"` // an urgent notice is heard in them, too
	// ScheduledLate: what becomes of a message whose time passed while the program did not run. "": sent within an hour, asked
	// later; "ask", "send": always.
	ScheduledLate string `json:"scheduled_late,omitempty"`
	// Of shared folders: KiB per second, 0 for no bound, and when not to transfer.
	FolderLANKiB      int32 `json:"folder_lan_kib,omitempty"`
	FolderInternetKiB int32 `json:"folder_internet_kib,omitempty"`
	FolderNotMetered  bool  `json:"folder_not_metered,omitempty"`
	FolderNotBattery  bool  `json:"folder_not_battery,omitempty"`
}

// Change has the choices to replace; nil leaves one as it is.
type Change struct {
	Language, Theme, DeviceName                             *string
	EnterSends, VisibleNearby, SendReadReceipts, SendTyping *bool
	RingCalls, NotifyCalls, NotifyContracts                 *bool
	NotifyMessages, NotifyWords                             *bool
	Quiet, DingInQuiet                                      *bool
	QuietFrom, QuietTo                                      *int32
	ScheduledLate                                           *string
	FolderLANKiB, FolderInternetKiB                         *int32
	FolderNotMetered, FolderNotBattery                      *bool
}

// Defaults are the choices of somebody who made none.
func Defaults() Values {
	return Values{EnterSends: true, VisibleNearby: true, SendReadReceipts: true, SendTyping: true, RingCalls: true, NotifyCalls: true, NotifyContracts: true, NotifyMessages: true, NotifyWords: true,
		QuietFrom: 22 * 60, QuietTo: 8 * 60, DingInQuiet: true}
}

// Settings is the file and what it says. Its methods may be called from several goroutines.
type Settings struct {
	path string

	mu      sync.Mutex
	values  Values
	damaged bool
}

// Open reads the settings of a profile folder. No file, or one that is damaged,
// means the defaults. log may be nil.
func Open(folder string, log *slog.Logger) (*Settings, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Settings{path: filepath.Join(folder, fileName), values: Defaults()}
	durable.Sweep(s.path)
	data, err := readLimited(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	values, err := decode(data)
	if err != nil {
		s.damaged = true
		aside := filepath.Join(folder, damagedName)
		if moved := os.Rename(s.path, aside); moved != nil {
			log.Warn("settings are damaged and could not be set aside", "error", err, "rename", moved)
		} else {
			log.Warn("settings are damaged: defaults apply, the file is set aside", "error", err, "aside", damagedName)
		}
		return s, nil
	}
	s.values = values
	return s, nil
}

func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// decode reads a file. Fields it does not know are left out: they are of a
// newer version that ran here before.
func decode(data []byte) (Values, error) {
	if len(data) > maxFile {
		return Values{}, wire.ErrTooLarge
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return Values{}, errors.New("empty file")
	}
	values := Defaults()
	if err := json.Unmarshal(data, &values); err != nil {
		return Values{}, err
	}
	return values.check()
}

// check gives the values in their clean form.
func (v Values) check() (Values, error) {
	switch v.Language {
	case "", "zh", "en":
	default:
		return Values{}, errcode.Of(errcode.SettingInvalid, "setting", "language")
	}
	switch v.Theme {
	case "", "light", "dark":
	default:
		return Values{}, errcode.Of(errcode.SettingInvalid, "setting", "theme")
	}
	switch v.ScheduledLate {
	case "", "ask", "send":
	default:
		return Values{}, errcode.Of(errcode.SettingInvalid, "setting", "scheduled_late")
	}
	if min(v.QuietFrom, v.QuietTo) < 0 || max(v.QuietFrom, v.QuietTo) >= 24*60 {
		return Values{}, errcode.Of(errcode.SettingInvalid, "setting", "quiet")
	}
	if v.FolderLANKiB < 0 || v.FolderInternetKiB < 0 {
		return Values{}, errcode.Of(errcode.SettingInvalid, "setting", "folder_kib")
	}
	if v.DeviceName != "" {
		clean, err := name.Check(v.DeviceName, wire.MaxName)
		if err != nil {
			return Values{}, err
		}
		v.DeviceName = clean
	}
	return v, nil
}

// Values are the choices now.
func (s *Settings) Values() Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values
}

// Damaged reports whether the file did not read and was set aside at this start.
func (s *Settings) Damaged() bool { return s.damaged }

// Set replaces choices and returns when they are on disk. Errors:
// errcode.SettingInvalid, errcode.NameEmpty, errcode.NameTooLong,
// errcode.NameInvalid, errcode.DiskFull. After an error the old choices stand.
func (s *Settings) Set(change Change) (values Values, changed bool, err error) {
	if change.DeviceName != nil && *change.DeviceName == "" {
		return Values{}, false, errcode.NameEmpty
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next, err := change.apply(s.values).check()
	if err != nil {
		return Values{}, false, err
	}
	if next == s.values {
		return next, false, nil
	}
	data, err := json.MarshalIndent(next, "", "  ")
	if err != nil {
		return Values{}, false, fmt.Errorf("encode settings: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return Values{}, false, fmt.Errorf("write settings: %w", err)
	}
	if err := durable.Write(s.path, 0o600, append(data, '\n')); err != nil {
		return Values{}, false, err
	}
	s.values = next
	return next, true, nil
}

func (c Change) apply(v Values) Values {
	set(&v.Language, c.Language)
	set(&v.Theme, c.Theme)
	set(&v.DeviceName, c.DeviceName)
	set(&v.EnterSends, c.EnterSends)
	set(&v.VisibleNearby, c.VisibleNearby)
	set(&v.SendReadReceipts, c.SendReadReceipts)
	set(&v.SendTyping, c.SendTyping)
	set(&v.RingCalls, c.RingCalls)
	set(&v.NotifyCalls, c.NotifyCalls)
	set(&v.NotifyContracts, c.NotifyContracts)
	set(&v.NotifyMessages, c.NotifyMessages)
	set(&v.NotifyWords, c.NotifyWords)
	set(&v.Quiet, c.Quiet)
	set(&v.QuietFrom, c.QuietFrom)
	set(&v.QuietTo, c.QuietTo)
	set(&v.DingInQuiet, c.DingInQuiet)
	set(&v.ScheduledLate, c.ScheduledLate)
	set(&v.FolderLANKiB, c.FolderLANKiB)
	set(&v.FolderInternetKiB, c.FolderInternetKiB)
	set(&v.FolderNotMetered, c.FolderNotMetered)
	set(&v.FolderNotBattery, c.FolderNotBattery)
	return v
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
