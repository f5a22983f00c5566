package switchboard

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

const (
	tick = 2 * time.Second
	// slept is how far the wall clock must run ahead of a tick to tell that the
	// machine slept.
	slept = 10 * time.Second
)

// watch notices sleep and changes of the network, and does what is done now and then.
func (b *Board) watch(ctx context.Context) {
	last := b.opt.Clock.Now().Round(0) // wall time: monotonic clocks of some systems stop in sleep
	was := b.opt.Interfaces()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.opt.Clock.After(tick):
		}
		now := b.opt.Clock.Now().Round(0)
		is := b.opt.Interfaces()
		switch {
		case now.Sub(last) > tick+slept:
			b.opt.Log.Info("network looked at again", "reason", "sleep", "for", now.Sub(last))
			b.NetworkChanged()
		case is != was:
			b.opt.Log.Info("network looked at again", "reason", "interfaces changed")
			b.NetworkChanged()
		}
		last, was = now, is
		b.dropIdleStrangers(now)
		b.mu.Lock()
		b.book.expire(now)
		b.mu.Unlock()
	}
}

// fingerprint is the interfaces that are up and their addresses.
func fingerprint() string {
	interfaces, err := net.Interfaces()
	if err != nil {
		return ""
	}
	var out strings.Builder
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		addrs, _ := i.Addrs()
		fmt.Fprintln(&out, i.Index, i.Name, i.Flags, addrs)
	}
	return out.String()
}
