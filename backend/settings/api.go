package settings

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
)

// Topic is published after a change.
const Topic = "settings"

// Publisher tells screens what to ask again.
type Publisher interface{ Publish(topics ...string) }

// API is SettingsService at the door.
type API struct {
	settings *Settings
	changes  Publisher
}

// NewAPI serves settings.
func NewAPI(settings *Settings, changes Publisher) *API { return &API{settings, changes} }

// Get gives the choices.
func (a *API) Get(context.Context, *v1.GetSettingsRequest) (*v1.Settings, error) {
	return message(a.settings.Values()), nil
}

// Set replaces the choices that are present.
func (a *API) Set(_ context.Context, r *v1.SetSettingsRequest) (*v1.Settings, error) {
	values, changed, err := a.settings.Set(Change{
		Language: r.Language, Theme: r.Theme, DeviceName: r.DeviceName, EnterSends: r.EnterSends,
		VisibleNearby: r.VisibleNearby, SendReadReceipts: r.SendReadReceipts, SendTyping: r.SendTyping,
		RingCalls: r.RingCalls, NotifyCalls: r.NotifyCalls, NotifyContracts: r.NotifyContracts, NotifyMessages: r.NotifyMessages, NotifyWords: r.NotifyWords,
		Quiet: r.Quiet, QuietFrom: r.QuietFrom, QuietTo: r.QuietTo, DingInQuiet: r.DingInQuiet, ScheduledLate: r.ScheduledLate,
	})
	if err != nil {
		return nil, err
	}
	if changed {
		a.changes.Publish(Topic)
	}
	return message(values), nil
}

func message(v Values) *v1.Settings {
	return &v1.Settings{
		Language: v.Language, Theme: v.Theme, EnterSends: v.EnterSends, DeviceName: v.DeviceName,
		VisibleNearby: v.VisibleNearby, SendReadReceipts: v.SendReadReceipts, SendTyping: v.SendTyping,
		RingCalls: v.RingCalls, NotifyCalls: v.NotifyCalls, NotifyContracts: v.NotifyContracts, NotifyMessages: v.NotifyMessages, NotifyWords: v.NotifyWords,
		Quiet: v.Quiet, QuietFrom: v.QuietFrom, QuietTo: v.QuietTo, DingInQuiet: v.DingInQuiet, ScheduledLate: v.ScheduledLate,
	}
}
