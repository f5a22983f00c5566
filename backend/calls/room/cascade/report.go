package cascade

import (
	"cmp"
	"slices"
	"time"
)

const (
	// What goes on all the time, each way: beats on every leg as calls/media says them, a summary up
	// and a digest down in the time of a beat of calls/room.
	beatsPerSecond = 5
	treePerSecond  = 0.5
)

// Result has the figures of a run.
type Result struct {
	// Of the tree when everybody has come. Inner forward to somebody, Forwarders could.
	Offices, Forwarders, Inner, DepthP50, Depth int
	DelayP50, DelayP99                          time.Duration
	// Served is the share of viewers at each layer, over the whole time; Bare those without a standby.
	Served [Full + 1]float64
	Bare   float64
	// Deaths in all, of inner nodes, and of those in the office that lost its power.
	Deaths, InnerDeaths, Cut int
	// Turns are repairs by the standby, Rejoins those by the hub; Disbanded: for want of a place for all of
	// a subtree its members asked for themselves; Refused: had to ask again when they came.
	Turns, Rejoins, Disbanded, Refused int
	// Interrupted has one for each viewer and each death that it noticed.
	Interrupted                   int
	SoundP50, SoundP99, SoundMost time.Duration
	PictureP50, PictureP99        time.Duration
	// LoadMost and LineMost are the highest load that a device, and an office's line, ever had, in percent
	// of what was measured.
	LoadMost, LineMost int
	// Control messages a second, sent and heard: of all devices, of those with children, of the hub.
	ControlP50, InnerP99, ControlMost, Hub float64
}

// tally is what figures are made of.
type tally struct {
	sound, picture []time.Duration
	served         [Full + 1]int
	samples, bare  int
}

// at gives a quantile.
func at[T cmp.Ordered](all []T, part float64) (v T) {
	if len(all) == 0 {
		return v
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[int(part*float64(len(sorted)-1))]
}

// built notes what the tree looks like when everybody has come.
func (r *run) built() {
	var depths []int
	var delays []time.Duration
	for _, n := range r.all {
		if n.parent == nil {
			continue
		}
		depths = append(depths, n.depth)
		delays = append(delays, delay(n))
		if len(n.kids) > 0 {
			r.result.Inner++
		}
	}
	r.result.Offices, r.result.Forwarders = len(r.offices), len(r.forward)
	r.result.Depth, r.result.DepthP50 = at(depths, 1), at(depths, 0.5)
	r.result.DelayP50, r.result.DelayP99 = at(delays, 0.5), at(delays, 0.99)
	r.tally = tally{}
	for _, n := range r.all {
		n.said = 0
	}
}

// sample notes who gets what now.
func (r *run) sample() {
	for _, n := range r.all {
		if !n.alive || n == r.hub {
			continue
		}
		r.samples++
		if n.parent == nil || n.dark {
			r.served[None]++
			continue
		}
		r.served[n.layer]++
		if n.standby == nil && n != r.standby {
			r.bare++
		}
	}
}

// ended works out what is left.
func (r *run) ended() {
	o := &r.result
	for l, n := range r.served {
		o.Served[l] = float64(n) / float64(max(r.samples, 1))
	}
	o.Bare = float64(r.bare) / float64(max(r.samples, 1))
	o.Interrupted = len(r.sound)
	o.SoundP50, o.SoundP99, o.SoundMost = at(r.sound, 0.5), at(r.sound, 0.99), at(r.sound, 1)
	o.PictureP50, o.PictureP99 = at(r.picture, 0.5), at(r.picture, 0.99)
	o.LineMost = r.line
	var all, inner []float64
	for _, n := range r.all {
		o.LoadMost = max(o.LoadMost, (n.peak*100+n.up-1)/n.up)
		if !n.alive || n.parent == nil && n != r.hub {
			continue
		}
		c := r.control(n)
		all = append(all, c)
		if len(n.kids) > 0 {
			inner = append(inner, c)
		}
	}
	o.ControlP50, o.ControlMost, o.InnerP99, o.Hub = at(all, 0.5), at(all, 1), at(inner, 0.99), r.control(r.hub)
}

// control is how many messages a second a device sends and hears.
func (r *run) control(n *node) float64 {
	legs, tree := float64(len(n.kids)+n.idle), float64(len(n.kids))
	if n.parent != nil {
		legs, tree = legs+1, tree+1
	}
	if n.standby != nil {
		legs++
	}
	return 2*beatsPerSecond*legs + 2*treePerSecond*tree + float64(n.said)/r.w.For.Seconds()
}
