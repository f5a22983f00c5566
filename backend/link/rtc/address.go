package rtc

import (
	"strings"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const prefix = "rtc:"

// Addr is the address of a device, for the switchboard.
func Addr(device wire.DeviceID) string { return prefix + device.String() }

// parse reads an address. Errors: link.ErrAddress.
func parse(addr string) (wire.DeviceID, error) {
	who, ok := strings.CutPrefix(addr, prefix)
	if !ok {
		return wire.DeviceID{}, link.ErrAddress
	}
	device, err := wire.ParseDeviceID(who)
	if err != nil || device.IsZero() {
		return wire.DeviceID{}, link.ErrAddress
	}
	return device, nil
}
