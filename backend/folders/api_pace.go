package folders

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/folders/pace"
	"roundtable/backend/folders/power"
)

// Choices of this device about transfers; package settings keeps them.
type Choices struct {
	LANKiB, InternetKiB            int32
	PauseOnMetered, PauseOnBattery bool
}

// maxKiB bounds a bound: a terabyte per second is none.
const maxKiB = 1 << 30

// heldBy says which choice holds transfers back now, "" when none does.
func (f *Folders) heldBy() string {
	if f.Power == nil || f.Choices == nil {
		return ""
	}
	c, now := f.Choices(), f.Power()
	switch {
	case c.PauseOnMetered && now.Metered == power.IsMetered:
		return "metered"
	case c.PauseOnBattery && now.Battery == power.OnBattery:
		return "battery"
	}
	return ""
}

// bound applies the choices.
func (f *Folders) bound() {
	if f.Choices == nil {
		return
	}
	c := f.Choices()
	for _, p := range []*pace.Pace{f.In, f.Out} {
		p.Bound(pace.LAN, int64(c.LANKiB)<<10)
		p.Bound(pace.Internet, int64(c.InternetKiB)<<10)
	}
}

func (f *Folders) paceOut() *v1.PaceResponse {
	out := &v1.PaceResponse{}
	if f.Choices != nil {
		c := f.Choices()
		out.LanKib, out.InternetKib, out.PauseOnMetered, out.PauseOnBattery = c.LANKiB, c.InternetKiB, c.PauseOnMetered, c.PauseOnBattery
	}
	if f.Power == nil {
		return out
	}
	switch now := f.Power(); now.Battery {
	case power.OnBattery:
		out.Power = "battery"
	case power.OnMains:
		out.Power = "mains"
	}
	switch f.Power().Metered {
	case power.IsMetered:
		out.Network = "metered"
	case power.NotMetered:
		out.Network = "unmetered"
	}
	return out
}

func (a API) Pace(context.Context, *v1.PaceRequest) (*v1.PaceResponse, error) {
	f, err := a.Get()
	if err != nil {
		return nil, err
	}
	return f.paceOut(), nil
}

func (a API) SetPace(_ context.Context, r *v1.SetPaceRequest) (*v1.PaceResponse, error) {
	f, err := a.Get()
	if err != nil {
		return nil, err
	}
	for _, n := range []*int32{r.LanKib, r.InternetKib} {
		if n != nil && (*n < 0 || *n > maxKiB) {
			return nil, errcode.SettingInvalid
		}
	}
	if f.Choices == nil || f.Choose == nil {
		return nil, errcode.NotReady
	}
	c := f.Choices()
	set(&c.LANKiB, r.LanKib)
	set(&c.InternetKiB, r.InternetKib)
	set(&c.PauseOnMetered, r.PauseOnMetered)
	set(&c.PauseOnBattery, r.PauseOnBattery)
	if err := f.Choose(c); err != nil {
		return nil, err
	}
	f.bound()
	f.Nudge()
	f.Publish("folders")
	return f.paceOut(), nil
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}
