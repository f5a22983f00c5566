//go:build !linux && !windows && !darwin

package power

import "context"

func battery(context.Context) Battery { return BatteryUnknown }
func metered(context.Context) Metered { return MeteredUnknown }
