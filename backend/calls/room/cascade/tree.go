package cascade

import "slices"

// tree is the cascade. It knows everybody; the design has the hub know as much from summaries.
type tree struct {
	hub     *node
	standby *node // of the hub: it has no children while the hub lives
	all     []*node
	forward []*node // who may
	offices []*office
	// most of what an office ever sent, in percent of its line.
	line int
}

// fits says whether a leg has room within a percentage of what was measured.
func (t *tree) fits(p, c *node, rate, percent int) bool {
	most := maxChildren
	switch {
	case percent > plan:
		most = maxLegs - p.idle
	case p == t.hub:
		most = hubChildren
	}
	if len(p.kids) >= most || p.load+rate > p.up*percent/100 {
		return false
	}
	if near(p, c) || p.office == nil {
		return true
	}
	if t.standby != nil && p.office == t.standby.office && p != t.standby {
		return false // that line is kept for the day on which the hub dies
	}
	return p.office.load+rate <= p.office.up*percent/100
}

// wants is the rate that a device needs from its parent.
func (n *node) wants(l Layer) int {
	if n.may {
		return trunk
	}
	return l.rate()
}

func (t *tree) attach(p, c *node, l Layer) {
	c.parent, c.rate, c.layer = p, c.wants(l), l
	p.kids = append(p.kids, c)
	t.send(p, c, c.rate)
	if !near(p, c) && c.office != nil && c.may {
		c.office.entries++
	}
	t.deepen(c)
}

func (t *tree) detach(c *node) {
	p := c.parent
	p.kids = slices.DeleteFunc(p.kids, func(k *node) bool { return k == c })
	t.send(p, c, -c.rate)
	if !near(p, c) && c.office != nil && c.may {
		c.office.entries--
	}
	c.parent = nil
}

// send books what goes from one to another.
func (t *tree) send(p, c *node, rate int) {
	p.load += rate
	p.peak = max(p.peak, p.load)
	if !near(p, c) && p.office != nil {
		p.office.load += rate
		t.line = max(t.line, (p.office.load*100+p.office.up-1)/p.office.up)
	}
}

func (t *tree) deepen(c *node) {
	c.depth = c.parent.depth + 1
	for _, k := range c.kids {
		t.deepen(k)
	}
}

// above says whether a is on the way from n to the hub, or n itself.
func above(a, n *node) bool {
	for ; n != nil; n = n.parent {
		if n == a {
			return true
		}
	}
	return false
}

func height(n *node) (h int) {
	for _, k := range n.kids {
		h = max(h, height(k)+1)
	}
	return h
}

// enters says whether a device is to get the meeting from outside its office, for the others in it.
func (t *tree) enters(c *node) bool {
	if c.office == nil || !c.may || t.hub.office == c.office {
		return false
	}
	return c.office.entries == 0 || c.office.members >= entriesFrom && c.office.entries < entries
}

// find gives the best parent: in the own office if there is one, then the nearest to the hub.
func (t *tree) find(c *node, l Layer, percent int) (best *node) {
	rate, tall, enter := c.wants(l), height(c), t.enters(c)
	for _, p := range t.forward {
		if !p.alive || p.dark || p == c || p.parent == nil && p != t.hub || p == t.standby || enter && near(p, c) || p == c.parent {
			continue
		}
		if best != nil && !before(p, best, c) || p.depth+1+tall > maxDepth || !t.fits(p, c, rate, percent) {
			continue
		}
		if tall == 0 || !above(c, p) {
			best = p
		}
	}
	return best
}

func before(a, b, c *node) bool {
	switch x, y := near(a, c), near(b, c); {
	case x != y:
		return x
	case a.depth != b.depth:
		return a.depth < b.depth
	}
	return a.up-a.load > b.up-b.load
}

// worth is how many trunks a device can feed to who is not in its office.
func (n *node) worth() int {
	if !n.may {
		return 0
	}
	return n.uplink() * plan / 100 / trunk
}

// weaker gives a forwarder nearer to the hub than depth, and a child of it that is worth so much
// less than the newcomer that they should change places.
func (t *tree) weaker(c *node, depth int) (parent, child *node) {
	enter := t.enters(c)
	for _, p := range t.forward {
		if !p.alive || p.dark || p == t.standby || p.parent == nil && p != t.hub || p.depth >= depth || enter && near(p, c) {
			continue
		}
		if !enter && c.office != nil && !near(p, c) {
			continue
		}
		for _, k := range p.kids {
			goes := k != t.standby && (near(p, c) && !k.may || !near(p, c) && 2*k.worth() < c.worth())
			if goes && t.swaps(p, c, k) && t.fits(c, k, k.rate, plan) && p.depth+2+height(k) <= maxDepth {
				parent, child, depth = p, k, p.depth
				break
			}
		}
	}
	return parent, child
}

// swaps says whether a forwarder has room for a newcomer in the place of one of its children.
func (t *tree) swaps(p, c, k *node) bool {
	if p.load-k.rate+trunk > p.up*plan/100 {
		return false
	}
	if near(p, c) || p.office == nil {
		return true
	}
	if t.standby != nil && p.office == t.standby.office {
		return false
	}
	line := p.office.load + trunk
	if !near(p, k) {
		line -= k.rate
	}
	return line <= p.office.up*plan/100
}

// join puts a newcomer in the tree, as high as it is worth, with the best layer that there is room for.
func (t *tree) join(c *node) bool {
	p, l := t.best(c, Full, plan)
	if c.may && len(c.kids) == 0 {
		depth := maxDepth
		if p != nil {
			depth = p.depth
		}
		if over, k := t.weaker(c, depth); over != nil {
			was := k.layer
			t.detach(k)
			t.attach(over, c, Full)
			t.attach(c, k, was) // this leg stands before the old one is given up
			k.turned = true
			return true
		}
	}
	if p == nil {
		p, l = t.squeeze(c)
	}
	if p != nil {
		t.attach(p, c, l)
	}
	return p != nil
}

// best gives the best layer up to one that there is room for, and where. A forwarder gets all or nothing:
// without a trunk it is of no use to those below it.
func (t *tree) best(c *node, most Layer, percent int) (*node, Layer) {
	for l := most; l >= Small; l-- {
		if p := t.find(c, l, percent); p != nil || c.may {
			return p, l
		}
	}
	return nil, None
}

// squeeze makes room where there is none: everybody's smallest picture comes before anybody's larger
// one, as at a hub. It lowers the layers of viewers at one forwarder until the newcomer fits.
func (t *tree) squeeze(c *node) (*node, Layer) {
	tall, enter := height(c), t.enters(c)
	for _, l := range []Layer{Small, Sound} {
		for _, p := range t.forward {
			if !p.alive || p.dark || p == c || p == t.standby || p.parent == nil && p != t.hub || enter && near(p, c) ||
				p.depth+1+tall > maxDepth || tall > 0 && above(c, p) {
				continue
			}
			freed := 0
			for _, k := range p.kids {
				if near(p, k) == near(p, c) && k.layer > l && !k.may {
					freed += k.rate - l.rate()
				}
			}
			if freed == 0 || !t.fits(p, c, c.wants(l)-freed, plan) {
				continue
			}
			t.lower(p, c, l)
			return p, l
		}
		if c.may {
			break
		}
	}
	return nil, None
}

// lower takes from those who have most, until c fits at a layer.
func (t *tree) lower(p, c *node, to Layer) {
	for from := Full; from > to; from-- {
		for _, k := range p.kids {
			if t.fits(p, c, c.wants(to), plan) {
				return
			}
			if near(p, k) == near(p, c) && k.layer == from && !k.may {
				t.change(k, from-1)
			}
		}
	}
}

// change gives a viewer another layer where it is.
func (t *tree) change(k *node, l Layer) {
	t.release(k)
	t.send(k.parent, k, l.rate()-k.rate)
	k.layer, k.rate = l, l.rate()
}
