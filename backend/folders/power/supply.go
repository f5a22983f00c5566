package power

import (
	"io"
	"io/fs"
	"strings"
)

// supply is one entry of Linux's /sys/class/power_supply.
type supply struct{ kind, scope, online, status string }

// maxSupplyFile bounds what is read of a file of the kernel's; they hold a word.
const maxSupplyFile = 256

// readSupplies reads the entries of the folder. One that cannot be read counts as
// one that says nothing: entries come and go with their plugs.
func readSupplies(folder fs.FS) (all []supply, err error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		word := func(name string) string { return readWord(folder, e.Name()+"/"+name) }
		all = append(all, supply{word("type"), word("scope"), word("online"), word("status")})
	}
	return all, nil
}

func readWord(folder fs.FS, name string) string {
	f, err := folder.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxSupplyFile))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// ofSupplies decides much as systemd does. A mains plug that is in says the most.
// USB ports are not asked: some claim to be online while they give current instead
// of taking it, and a battery that fills by one does not discharge. A computer
// without a battery runs on mains.
func ofSupplies(all []supply) Battery {
	discharging := false
	for _, s := range all {
		switch {
		case s.scope == "Device": // that of a mouse
		case s.kind == "Mains" && s.online == "1":
			return OnMains
		case (s.kind == "Battery" || s.kind == "UPS") && s.status == "Discharging":
			discharging = true
		}
	}
	if discharging {
		return OnBattery
	}
	return OnMains
}

// ofNetworkManager reads NMMetered: both guesses count, since they come from a
// telephone's hint that it shares its connection.
func ofNetworkManager(value uint32) Metered {
	switch value {
	case 1, 3:
		return IsMetered
	case 2, 4:
		return NotMetered
	}
	return MeteredUnknown
}
