package relaying

import (
	"context"

	"roundtable/backend/relay/protocol"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// Frame takes an ephemeral frame.
func (p *Post) Frame(f protocol.Frame) {
	if p.e.Options.Frame != nil && p.serves(f.Space) {
		p.e.Options.Frame(f.Space, f.From, f.Bytes)
	}
}

// Presence takes who came and went.
func (p *Post) Presence(n protocol.Presence) {
	p.mu.Lock()
	for _, d := range n.Away {
		delete(p.here, d)
	}
	for _, d := range n.Here {
		if len(p.here) < 2*protocol.MaxWatched {
			p.here[d] = true
		}
	}
	p.mu.Unlock()
	for _, d := range n.Here {
		if p.e.Here != nil {
			p.e.Here(d, p.id)
		}
	}
	if p.e.Changed != nil {
		p.e.Changed()
	}
}

func (p *Post) sees(device wire.DeviceID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.here[device]
}

// watch tells the relay whose presence we follow: colleagues, as many as links
// make sense with.
func (p *Post) watch(ctx context.Context, s Session) {
	p.mu.Lock()
	due := p.rewatch
	p.rewatch = false
	workspaces := p.workspaces
	p.mu.Unlock()
	if !due {
		return
	}
	var devices []wire.DeviceID
	for id := range workspaces {
		_ = p.e.Log.View(id, func(st *space.State) {
			for d := range st.Devices() {
				if d != p.e.Log.Self() && len(devices) < maxWatched {
					devices = append(devices, d)
				}
			}
		})
	}
	n, err := s.Watch(ctx, devices)
	if err != nil {
		p.mu.Lock()
		p.rewatch = true
		p.mu.Unlock()
		return
	}
	p.Presence(n)
}
