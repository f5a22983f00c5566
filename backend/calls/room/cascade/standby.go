package cascade

// release gives up a standby and the room that it keeps.
func (t *tree) release(c *node) {
	s := c.standby
	if s == nil {
		return
	}
	s.idle--
	hold(s.held, c.failing, -c.rate)
	if s.office != nil && !near(s, c) {
		hold(s.office.held, c.failing, -c.rate)
	}
	c.standby, c.failing = nil, nil
}

func hold(held map[*node]int, dies *node, rate int) {
	if held[dies] += rate; held[dies] <= 0 {
		delete(held, dies)
	}
}

// reserves says whether a standby has room for one more child of a forwarder. Forwarders die one at
// a time, mostly: what is kept for one serves for another, too, so it is the sum for each that counts.
func (t *tree) reserves(s, c *node) bool {
	if s == t.standby {
		return c.parent == t.hub
	}
	spare := withReserve - plan
	if s.idle >= maxIdle || s.held[c.parent]+c.rate > s.up*spare/100 {
		return false
	}
	if near(s, c) || s.office == nil {
		return true
	}
	if t.standby != nil && s.office == t.standby.office {
		return false
	}
	return s.office.held[c.parent]+c.rate <= s.office.up*spare/100
}

// independent says whether a device still gets the meeting when the parent of c is dead.
func independent(s, c *node) bool {
	if s == c.parent || above(c.parent, s) || above(c, s) {
		return false
	}
	// An office whose line or power fails takes all of its devices along.
	return c.parent.office == nil || s.office != c.parent.office || near(s, c)
}

// good says whether the standby that a device has can stay.
func (t *tree) good(c *node) bool {
	s := c.standby
	return s != nil && s.alive && !s.dark && c.failing == c.parent && (c.parent == t.hub || independent(s, c))
}

// second chooses a standby for who has no good one.
func (t *tree) second(c *node) {
	if c.parent == nil || c == t.standby || t.good(c) {
		return
	}
	t.release(c)
	var best *node
	if c.parent == t.hub && t.standby != nil {
		best = t.standby
	} else {
		for _, s := range t.forward {
			if !s.alive || s.dark || s.parent == nil && s != t.hub || s == t.standby || best != nil && !t.rather(s, best, c) {
				continue
			}
			if s.depth+1 <= maxDepth && t.reserves(s, c) && independent(s, c) {
				best = s
			}
		}
	}
	if best == nil {
		return
	}
	c.standby, c.failing = best, c.parent
	best.idle++
	best.held[c.parent] += c.rate
	if best.office != nil && !near(best, c) {
		best.office.held[c.parent] += c.rate
	}
	c.said += 2
	best.said += 2
}

func (t *tree) rather(a, b, c *node) bool {
	switch x, y := near(a, c), near(b, c); {
	case x != y:
		return x
	case a.depth != b.depth:
		return a.depth < b.depth
	}
	return a.idle < b.idle
}
