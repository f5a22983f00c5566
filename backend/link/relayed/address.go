package relayed

import (
	"encoding/hex"
	"strings"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const prefix = "relay:"

// short is as much of a relay address's ID as an address names.
type short [8]byte

func shorten(id [32]byte) short { return short(id[:8]) }

// Addr is the address of a device at a relay (protocol.Address.ID).
func Addr(relay [32]byte, device wire.DeviceID) string {
	id := shorten(relay)
	return prefix + hex.EncodeToString(id[:]) + "/" + device.String()
}

// parse reads an address. Errors: link.ErrAddress.
func parse(addr string) (relay short, device wire.DeviceID, err error) {
	rest, ok := strings.CutPrefix(addr, prefix)
	id, who, cut := strings.Cut(rest, "/")
	if !ok || !cut || len(id) != 2*len(relay) || strings.ToLower(id) != id {
		return relay, device, link.ErrAddress
	}
	if _, err := hex.Decode(relay[:], []byte(id)); err != nil {
		return relay, device, link.ErrAddress
	}
	device, err = wire.ParseDeviceID(who)
	if err != nil || device.IsZero() {
		return relay, device, link.ErrAddress
	}
	return relay, device, nil
}
