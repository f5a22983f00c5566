package power

import (
	"context"
	"os/exec"
	"time"
)

func battery(ctx context.Context) Battery {
	ctx, end := context.WithTimeout(ctx, 2*time.Second)
	defer end()
	out, err := exec.CommandContext(ctx, "/usr/bin/pmset", "-g", "batt").Output()
	if err != nil {
		return BatteryUnknown
	}
	return ofPmset(string(out))
}

func metered(context.Context) Metered { return MeteredUnknown }
