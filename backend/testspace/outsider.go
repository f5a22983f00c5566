package testspace

import (
	"context"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/switchboard"
	"roundtable/backend/wire"
)

// Handler talks on one inbound stream, as switchboard.Handler does.
type Handler = func(ctx context.Context, peer wire.DeviceID, s link.Stream)

// Outsider is a device with keys of its own and whatever program a test gives it:
// the handlers answer who opens a conversation, and the test opens others on its
// Board. Its key sorts low, so that it is the side that begins replication.
func (o *Office) Outsider(name string, handlers map[string]Handler) *Desk {
	o.t.Helper()
	d := o.newDesk(name, true)
	o.mu.Lock()
	o.desks = append(o.desks, d)
	o.mu.Unlock()
	d.raw(handlers)
	return d
}

// Turns makes a member's device run another program. What it knew it knows: its
// log stays open. Name it Low before, if it shall begin replication.
func (o *Office) Turns(name string, handlers map[string]Handler) *Desk {
	o.t.Helper()
	d := o.As(name)
	d.leaves()
	d.raw(handlers)
	return d
}

func (d *Desk) raw(handlers map[string]Handler) {
	o := d.o
	var err error
	d.node, err = o.Net.Node(d.ID(), d.Name, nil)
	o.must(err, "add node "+d.Name)
	d.Board = switchboard.New(switchboard.Options{
		Self: d.ID(), Nodes: []link.Node{d.node}, Clock: d.Clock, Log: d.journal.logger(), Interfaces: func() string { return "" },
	})
	for protocol, h := range handlers {
		d.Board.Handle(protocol, h)
	}
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel, d.strange = cancel, true
	d.done.Go(func() { _ = d.Board.Run(ctx) })
	o.t.Cleanup(func() { cancel(); d.done.Wait(); _ = d.node.Close() })
}

// Opens starts a conversation of our own choosing with somebody.
func (d *Desk) Opens(to *Desk, protocol string) link.Stream {
	d.o.t.Helper()
	var s link.Stream
	var err error
	d.o.Eventually(d.Name+" reaches "+to.Name, func() bool {
		if _, err = d.Board.Dial(context.Background(), to.Addr(), to.ID()); err != nil {
			return false
		}
		s, err = d.Board.OpenStream(context.Background(), to.ID(), protocol)
		return err == nil
	})
	return s
}

// Key is the epoch key in use in a space, as this device knows it.
func (d *Desk) Key(id wire.SpaceID) (k key.EpochKey) {
	rows, err := d.DB.Read().Query(`SELECT e.key FROM log_epoch e JOIN log_space s ON s.id = e.space WHERE s.space = ?`, id[:])
	d.o.must(err, "read keys")
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		d.o.must(rows.Scan(&raw), "read keys")
		k, err = key.EpochKeyFromBytes(raw)
		d.o.must(err, "read keys")
	}
	return k
}
