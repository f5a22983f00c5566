package power

import "context"

// Battery is where the current comes from.
type Battery uint8

const (
	BatteryUnknown Battery = iota
	OnMains
	OnBattery
)

// String is for logs.
func (b Battery) String() string { return [...]string{"unknown", "mains", "battery"}[b] }

// Metered is whether the network is paid by the byte.
type Metered uint8

const (
	MeteredUnknown Metered = iota
	NotMetered
	IsMetered
)

// String is for logs.
func (m Metered) String() string { return [...]string{"unknown", "no", "yes"}[m] }

// State is what the system says.
type State struct {
	Battery Battery
	Metered Metered
}

// Now asks the system. It takes milliseconds, or as long as ctx allows where the
// system does not answer; a question every 30 s is enough.
func Now(ctx context.Context) State { return State{battery(ctx), metered(ctx)} }
