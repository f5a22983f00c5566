package nats

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"

	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/wire"
)

// The numbers of streams are part of the store's form: they never change.
const (
	eventShards = 16
	chunkShards = 4

	streamGrants = "GRANTS"
	streamTable  = "TABLE"
	streamUsage  = "USAGE"

	subjectStore = "tb.store"
	// fanned is how many hex digits part a list; see doc.go.
	fanned = 3
)

func text(id [32]byte) string { return base64.RawURLEncoding.EncodeToString(id[:]) }

func shardNumber(space wire.SpaceID) int {
	sum := key.Hash("roundtable nats shard v1", space[:])
	return int(sum[0] % eventShards)
}

// place is where a space's envelopes are.
type place struct {
	stream string // EV_3
	events string // "ev.3.<space>."
	heads  string // "hd.3.<space>."
	live   string // "lv.3.<space>."
	always string // "hd.3.0"
}

func placeOf(space wire.SpaceID) place {
	s, id := strconv.Itoa(shardNumber(space)), text(space)
	return place{
		stream: "EV_" + s,
		events: "ev." + s + "." + id + ".",
		heads:  "hd." + s + "." + id + ".",
		live:   "lv." + s + "." + id + ".",
		always: "hd." + s + ".0",
	}
}

// feedName is the end of a feed's subject.
func feedName(f envelope.Feed) string {
	var b [9]byte
	b[0] = byte(f.Lane)
	binary.BigEndian.PutUint64(b[1:], f.Start)
	sum := key.Hash("roundtable nats feed v1", f.Device[:], b[:])
	digits := hex.EncodeToString(sum[:2])
	return digits[:1] + "." + digits[1:2] + "." + digits[2:3] + "." + base64.RawURLEncoding.EncodeToString(sum[:16])
}

func chunkPlace(space wire.SpaceID) (stream, prefix string) {
	s := strconv.Itoa(shardNumber(space) % chunkShards)
	return "CK_" + s, "ck." + s + "." + text(space) + "."
}

// digits names 32 bytes such that their order is the order of subjects below a
// prefix: n digits apart, then all of them.
func digits(id [32]byte, n int) string {
	all := hex.EncodeToString(id[:])
	var b strings.Builder
	for i := range n {
		b.WriteString(all[i : i+1])
		b.WriteByte('.')
	}
	b.WriteString(all)
	return b.String()
}

// undigits reads the last token of a subject made by digits.
func undigits(subject string) (id [32]byte, ok bool) {
	last := subject[strings.LastIndexByte(subject, '.')+1:]
	if len(last) != 64 {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(last))
	return id, err == nil
}

// idAt reads the ID that digits(id, 1) has put after a prefix.
func idAt(subject, prefix string) (id [32]byte, ok bool) {
	rest, ok := strings.CutPrefix(subject, prefix)
	if !ok || len(rest) < 2+64 {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(rest[2:2+64]))
	return id, err == nil
}

func grantSubject(space wire.SpaceID) string { return "gr." + digits(space, 1) }

func listedPrefix(device wire.DeviceID) string { return "ls." + text(device) + "." }

func tenantPrefix(tenant engine.Tenant) string { return "tn." + hex.EncodeToString(tenant[:]) + "." }

// ownedSpace reads the space from "tn.<tenant>.<space>".
func ownedSpace(subject string) (space wire.SpaceID, ok bool) {
	last := subject[strings.LastIndexByte(subject, '.')+1:]
	if len(last) != base64.RawURLEncoding.EncodedLen(32) {
		return space, false
	}
	_, err := base64.RawURLEncoding.Decode(space[:], []byte(last))
	return space, err == nil
}

func usageSubject(tenant engine.Tenant, what string) string {
	return "us." + hex.EncodeToString(tenant[:]) + "." + what
}

// spaceOf reads the space from the second token after a prefix of two ("lv.3.<space>.…").
func spaceOf(subject string) (space wire.SpaceID, ok bool) {
	parts := strings.SplitN(subject, ".", 4)
	if len(parts) < 4 || len(parts[2]) != base64.RawURLEncoding.EncodedLen(32) {
		return space, false
	}
	_, err := base64.RawURLEncoding.Decode(space[:], []byte(parts[2]))
	return space, err == nil
}
