package archtest

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

// house lists the packages from the ground up: one may import what stands above
// it here, and what lies below its own entry (link imports link/lan). A new
// package gets its line on the day its doc.go has something true to say.
var house = []string{
	// words
	"backend/errcode",
	"backend/wire",
	"backend/clock",
	"backend/name",
	"backend/durable",
	"backend/api/gen",
	// materials
	"backend/key",
	"backend/keychain",
	"backend/store",
	"backend/blob",
	"backend/picture",
	"backend/envelope",
	// truth
	"backend/identity",
	"backend/space",
	"backend/event",
	"backend/eventlog",
	"backend/projection",
	// motion
	"backend/relay",
	"backend/link",
	"backend/discovery",
	"backend/ephemeral",
	"backend/replication",
	// counters
	"backend/settings",
	"backend/api",
	"backend/search",
	"backend/notify",
	// features
	"backend/people",
	"backend/portrait",
	"backend/directory",
	"backend/chat",
	"backend/ding",
	"backend/folders",
	"backend/calls",
	"backend/contracts",
	"backend/circles",
	"backend/calendar",
	"backend/tasks",
	"backend/approvals",
	"backend/attendance",
	"backend/documents",
	// for tests
	"backend/testnet",
	"backend/testspace",
	"backend/archtest",
	// the app
	"frontend",
	"build",
	"app/config",
	"app/relay",
	"app/local",
	"app",
	"app/fsck",
	"app/verify",
	"app/proof",
	"app/headless",
	"app/desktop",
	"app/cmd",
	".",
}

var (
	features = []string{"backend/people", "backend/portrait", "backend/directory", "backend/chat", "backend/ding", "backend/folders", "backend/calls", "backend/contracts", "backend/circles", "backend/calendar",
		"backend/tasks", "backend/approvals", "backend/attendance", "backend/documents"}
	forTests = []string{"backend/testnet", "backend/testspace", "backend/archtest", "backend/link/linktest", "backend/relay/engine/enginetest", "backend/relay/bus/bustest", "backend/folders/disk/disktest", "backend/folders/watch/watchtest",
		"backend/contracts/pades/tsatest"}
	// judges say whether a signature is good.
	judges = []string{"backend/contracts/verify", "backend/contracts/cms", "backend/contracts/pdf", "backend/contracts/evidence", "app/verify", "app/cmd/verify"}
)

// under finds the entry of a list that a package belongs to, the longest one.
func under(list []string, pkg string) (entry string, position int) {
	position = -1
	for i, e := range list {
		if (pkg == e || strings.HasPrefix(pkg, e+"/")) && len(e) >= len(entry) {
			entry, position = e, i
		}
	}
	return entry, position
}

func belongs(list []string, pkg string) bool {
	_, i := under(list, pkg)
	return i >= 0
}

// why gives the reason against an import between two of our packages; "" means
// it is fine. test says that the importer is a test file.
func why(from, to string, test bool) string {
	fromEntry, fromFloor := under(house, from)
	toEntry, toFloor := under(house, to)
	switch {
	case fromFloor < 0:
		return from + " is not in the list of floors: give it its place in archtest"
	case toFloor < 0:
		return to + " is not in the list of floors: give it its place in archtest"
	case belongs(forTests, to):
		if test || belongs(forTests, from) {
			return ""
		}
		return to + " is for tests: what a fake does must not ship"
	case test || belongs(forTests, from):
		if strings.HasPrefix(to, "app") && strings.HasPrefix(from, "backend/") && !belongs(forTests, from) {
			return "backend is a library: not even its tests need the app"
		}
		return "" // tests may look at everything else
	case belongs(judges, from) && strings.HasPrefix(to, "backend/") && !belongs(judges, to):
		return "who judges signatures shares nothing with who makes them, and needs no profile: a fault of the signer must not be one of the judge"
	case fromEntry == toEntry:
		return ""
	case strings.HasPrefix(from, "backend/") && !strings.HasPrefix(to, "backend/"):
		return "backend is a library: app wires it, not the other way round"
	case fromEntry == "backend/relay":
		if slices.Contains([]string{"backend/errcode", "backend/wire", "backend/clock", "backend/durable", "backend/key", "backend/store", "backend/envelope"}, toEntry) {
			return ""
		}
		return "the relay is blind by construction: it must not be able to compile what reads content"
	case slices.Contains(features, fromEntry) && slices.Contains(features, toEntry):
		return "features never import each other: they meet by ID, by event kind, or by a small interface that the consumer declares"
	case from == "app/local" && strings.HasPrefix(to, "backend/") && !slices.Contains([]string{"backend/api", "backend/clock"}, toEntry):
		return "a way in knows the door only: what it needs is api.Changes and an http.Handler"
	case slices.Contains([]string{"app/headless", "app/desktop"}, fromEntry) && strings.HasPrefix(to, "backend/") && toEntry != "backend/api":
		return "a shell opens the app and shows it: what stands on the floors is app's to wire"
	case fromFloor < toFloor:
		return fromEntry + " stands on a lower floor than " + toEntry + ": turn the dependency round, or declare a small interface"
	}
	return ""
}

func TestFloors(t *testing.T) {
	for _, s := range load(t) {
		for _, to := range s.imports() {
			if !ours(to) || s.pkg == to && s.isTest() {
				continue
			}
			if reason := why(s.pkg, to, s.isTest()); reason != "" {
				t.Errorf("%s imports %s: %s", s.path, to, reason)
			}
		}
		if _, floor := under(house, s.pkg); floor < 0 {
			t.Errorf("%s: package %s is not in the list of floors: give it its place in archtest", s.path, s.pkg)
		}
	}
}

func ours(to string) bool {
	first, _, _ := strings.Cut(to, "/")
	return slices.Contains([]string{"backend", "app", "frontend", "build"}, first) || to == module
}

// outsiders are foreign packages that have one place to be.
var outsiders = []struct{ prefix, place, reason string }{
	{"github.com/wailsapp/wails", "app/desktop", "only the window knows which toolkit draws it"},
	{"github.com/alecthomas/kong", "app/config", "flags are read in one place"},
	{"modernc.org/sqlite", "backend/store", "one package opens databases; the rest takes a store"},
	{"github.com/zalando/go-keyring", "backend/keychain", "one package holds private keys"},
	{"github.com/godbus/dbus", "backend/keychain", "one package asks the session bus"},
	{"crypto/ed25519", "backend/key", "one package picks algorithms"},
	{"crypto/hpke", "backend/key", "one package picks algorithms"},
	{"github.com/fxamacker/cbor", "backend/wire", "one package knows the byte form"},
	{"connectrpc.com/connect", "backend/api", "handlers take and give the messages themselves; the protocol stays at the door"},
	{"github.com/hashicorp/yamux", "backend/link", "streams come from links"},
	{"github.com/pion", "backend/discovery", "what speaks WebRTC's protocols: discovery, links through NAT, and the engine of calls"},
	{"github.com/pion/webrtc", "backend/calls/media", "one package has PeerConnections; the rest of a call takes an engine (docs/decisions/0038)"},
	{"github.com/pion/interceptor", "backend/calls/media", "what is counted and resent on the way of sound and pictures is the engine's"},
	{"github.com/pion/rtp", "backend/calls/media", "packets are read and rewritten in one place"},
	{"github.com/pion/rtcp", "backend/calls/media", "reports are read and made in one place"},
	{"github.com/pion/sdp", "backend/calls/media", "session descriptions are read in one place"},
	{"github.com/quic-go/quic-go", "backend/link/rtc", "one way speaks QUIC; the rest takes a link"},
	{"github.com/VictoriaMetrics/metrics", "backend/relay", "only the relay is watched by operators"},
	{"github.com/nats-io", "backend/relay/engine/nats", "the server takes an engine and a bus, whatever carries them"},
	{"golang.org/x/crypto/acme", "app/relay", "only the relay has a name that the world knows"},
	{"github.com/yuin/goldmark", "backend/contracts/paper", "Markdown is read where it is set on paper"},
	{"github.com/fsnotify/fsnotify", "backend/folders/watch", "one package hears of changes on a disk; the rest takes its hints"},
	{"github.com/xuri/excelize", "backend/directory/sheet", "workbooks of strangers are read in one place, with bounds"},
	{"flag", "build", "flags are read in app/config"},
	{"net/http/httptest", "", "it adds a flag to every program that imports it"},
}

func TestOutsiders(t *testing.T) {
	for _, s := range load(t) {
		if s.isTest() || s.isGenerated() {
			continue
		}
		for _, to := range s.imports() {
			for _, o := range outsiders {
				if under([]string{o.prefix}, to); !belongs([]string{o.prefix}, to) || o.place != "" && belongs([]string{o.place}, s.pkg) || allowedOutside(s.pkg, to) {
					continue
				}
				t.Errorf("%s imports %s, which belongs to %q: %s", s.path, to, o.place, o.reason)
			}
		}
	}
}

// allowedOutside are the second places.
func allowedOutside(pkg, to string) bool {
	if belongs([]string{"github.com/pion/turn", "github.com/pion/transport", "github.com/pion/logging"}, to) && belongs([]string{"backend/relay"}, pkg) {
		return true // TURN
	}
	if belongs([]string{"github.com/pion/ice", "github.com/pion/stun", "github.com/pion/turn", "github.com/pion/transport", "github.com/pion/logging"}, to) && belongs([]string{"backend/link/rtc", "backend/testnet/nat"}, pkg) {
		return true // ICE, and the NATs that it is tried through
	}
	if belongs([]string{"github.com/pion/webrtc", "github.com/pion/interceptor", "github.com/pion/rtp", "github.com/pion/rtcp", "github.com/pion/sdp", "github.com/pion/ice", "github.com/pion/dtls", "github.com/pion/logging", "github.com/pion/transport"}, to) && pkg == "backend/calls/media" {
		return true // calls: decision 0038
	}
	if belongs([]string{"github.com/pion/webrtc", "github.com/pion/interceptor", "github.com/pion/rtp", "github.com/pion/rtcp", "github.com/pion/sdp", "github.com/pion/transport"}, to) && pkg == "app/cmd/bench" {
		return true // what is measured with is a page of its own, and a line that loses: not the engine's own code
	}
	if to == "github.com/godbus/dbus/v5" && pkg == "backend/folders/power" {
		return true // the system bus: NetworkManager knows whether the network is paid by the byte
	}
	if to == "crypto/ed25519" && pkg == "backend/contracts/evidence" {
		return true // a judge checks signatures by itself
	}
	return to == "crypto/ed25519" && belongs([]string{"backend/link", "backend/discovery"}, pkg) // certificates and their types
}

// A wall that stops nobody is a defect.
func TestTheWallsStand(t *testing.T) {
	for _, c := range []struct {
		from, to string
		test     bool
		stopped  string
	}{
		{"backend/relay", "backend/event", false, "blind"},
		{"backend/relay/nats", "backend/space", false, "blind"},
		{"backend/relay", "backend/envelope", false, ""},
		{"backend/chat", "backend/people", false, "never import each other"},
		{"backend/chat", "backend/eventlog", false, ""},
		{"backend/wire", "backend/key", false, "lower floor"},
		{"backend/link/lan", "backend/link", false, ""},
		{"backend/link", "backend/link/lan", false, ""},
		{"backend/settings", "backend/api/gen/roundtable/v1", false, ""},
		{"backend/settings", "backend/api", false, "lower floor"},
		{"backend/key", "app/config", false, "library"},
		{"backend/replication", "backend/testnet", false, "for tests"},
		{"backend/replication", "backend/testnet", true, ""},
		{"backend/chat", "app", true, "not even its tests"},
		{"app/desktop", "backend/eventlog", false, "app's to wire"},
		{"app/local", "backend/store", false, "way in"},
		{"app", "backend/eventlog", false, ""},
		{"backend/utils", "backend/wire", false, "list of floors"},
	} {
		got := why(c.from, c.to, c.test)
		if c.stopped == "" && got != "" || c.stopped != "" && !strings.Contains(got, c.stopped) {
			t.Errorf("%s → %s: %q, want %q", c.from, c.to, got, c.stopped)
		}
	}
}
