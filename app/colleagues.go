package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"roundtable/backend/durable"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// colleagues is what has to survive the database: the workspaces and circles of this
// profile, the devices in them, where these were reached last, and the relays that were
// named. With it a repaired profile finds its history again.
type colleagues struct {
	path string
	log  *slog.Logger
	mu   sync.Mutex
	file colleaguesFile
}

type colleaguesFile struct {
	Version    uint8            `cbor:"1,keyasint"`
	Workspaces []knownWorkspace `cbor:"2,keyasint,omitempty"`
	Devices    []knownDevice    `cbor:"3,keyasint,omitempty"`
}

type knownWorkspace struct {
	ID      wire.SpaceID    `cbor:"1,keyasint"`
	Devices []wire.DeviceID `cbor:"2,keyasint,omitempty"`
	// Relays are the way to those who are on no network of ours.
	Relays []protocol.Address `cbor:"3,keyasint,omitempty"`
}

type knownDevice struct {
	ID        wire.DeviceID `cbor:"1,keyasint"`
	Addresses []string      `cbor:"2,keyasint,omitempty"`
}

const (
	colleaguesName = "colleagues.cbor"
	maxColleagues  = 16 << 20
	// maxAddresses are kept of one device, the last one first.
	maxAddresses = 4
	// maxKnown bounds the devices kept of one workspace: enough to find it again.
	maxKnown = 200
)

// openColleagues reads the file; one that does not read is begun anew, since
// everything in it can be learned again.
func openColleagues(folder string, log *slog.Logger) *colleagues {
	c := &colleagues{path: filepath.Join(folder, colleaguesName), log: log}
	raw, err := os.ReadFile(c.path)
	if err == nil {
		if err = wire.Decode(raw, maxColleagues, &c.file); err != nil {
			c.file = colleaguesFile{}
		}
	}
	if err != nil && !os.IsNotExist(err) {
		log.Warn("list of colleagues is begun anew", "err", err)
	}
	c.file.Version = 1
	return c
}

func (c *colleagues) save() {
	if err := durable.Write(c.path, 0o600, wire.MustEncode(c.file)); err != nil {
		c.log.Warn("keep list of colleagues", "err", err)
	}
}

// remember notes where a device answered.
func (c *colleagues) remember(device wire.DeviceID, addr string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.file.Devices, func(d knownDevice) bool { return d.ID == device })
	if i < 0 {
		c.file.Devices = append(c.file.Devices, knownDevice{ID: device})
		i = len(c.file.Devices) - 1
	}
	d := &c.file.Devices[i]
	if len(d.Addresses) > 0 && d.Addresses[0] == addr {
		return
	}
	d.Addresses = slices.DeleteFunc(d.Addresses, func(a string) bool { return a == addr })
	d.Addresses = append([]string{addr}, d.Addresses...)
	d.Addresses = d.Addresses[:min(len(d.Addresses), maxAddresses)]
	c.save()
}

// workspace notes who is in a workspace now.
func (c *colleagues) workspace(id wire.SpaceID, devices []wire.DeviceID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	devices = devices[:min(len(devices), maxKnown)]
	i := slices.IndexFunc(c.file.Workspaces, func(w knownWorkspace) bool { return w.ID == id })
	if i < 0 {
		c.file.Workspaces = append(c.file.Workspaces, knownWorkspace{ID: id})
		i = len(c.file.Workspaces) - 1
	}
	if slices.Equal(c.file.Workspaces[i].Devices, devices) && len(devices) > 0 {
		return
	}
	c.file.Workspaces[i].Devices = devices
	c.save()
}

// relays notes which relays the spaces name that begun says are here: of one that is lost
// nobody can say that it names none.
func (c *colleagues) relays(named map[wire.SpaceID][]protocol.Address, begun func(wire.SpaceID) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	news := false
	for i := range c.file.Workspaces {
		w := &c.file.Workspaces[i]
		if now := named[w.ID]; begun(w.ID) && !slices.EqualFunc(w.Relays, now, func(a, b protocol.Address) bool { return a.ID() == b.ID() }) {
			w.Relays, news = slices.Clone(now), true
		}
	}
	if news {
		c.save()
	}
}

// forget drops a space to which this profile belongs no more.
func (c *colleagues) forget(id wire.SpaceID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.file.Workspaces)
	if c.file.Workspaces = slices.DeleteFunc(c.file.Workspaces, func(w knownWorkspace) bool { return w.ID == id }); len(c.file.Workspaces) < n {
		c.save()
	}
}

func (c *colleagues) all() colleaguesFile {
	c.mu.Lock()
	defer c.mu.Unlock()
	return colleaguesFile{Workspaces: slices.Clone(c.file.Workspaces), Devices: slices.Clone(c.file.Devices)}
}
