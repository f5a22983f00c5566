package relaying

// Fault of a relay that is connected.
type Fault string

const (
	// FaultFull: it takes no more of this organisation.
	FaultFull Fault = "full"
	// FaultForged: it handed over what does not verify.
	FaultForged Fault = "forged"
	// FaultWithholds: it says to hold what it does not give.
	FaultWithholds Fault = "withholds"
	// FaultUnlisted: the list of a workspace there does not name us (any more). We may
	// have been removed while nobody could tell us.
	FaultUnlisted Fault = "unlisted"
)

func (p *Post) faulty() Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault
}

func (p *Post) blame(f Fault) {
	p.mu.Lock()
	changed := p.fault != f && p.fault != FaultForged // the worst stays
	if changed {
		p.fault = f
	}
	p.mu.Unlock()
	if changed && p.e.Changed != nil {
		p.e.Changed()
	}
}

// forgive takes back a fault that is mended.
func (p *Post) forgive(f Fault) {
	p.mu.Lock()
	mended := p.fault == f
	if mended {
		p.fault = ""
	}
	p.mu.Unlock()
	if mended && p.e.Changed != nil {
		p.e.Changed()
	}
}
