package switchboard_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/link/memory"
	"roundtable/backend/link/switchboard"
	"roundtable/backend/testnet"
	"roundtable/backend/wire"
)

// introduced desks know each other's addresses.
func introduced(desks ...*desk) {
	for _, x := range desks {
		for _, y := range desks {
			if x != y {
				x.AddKnown(y.id, y.addr)
			}
		}
	}
}

func TestLinksComeBack(t *testing.T) {
	o := newOffice(t)
	li, wang := o.desk("li"), o.desk("wang")
	introduced(li, wang)
	li.sees(wang)
	wang.sees(li)
	o.net.CloseAll()
	eventually(t, "again", func() bool { return li.ups.Load() == 2 && wang.ups.Load() == 2 })
	li.echoes(wang, "there you are")

	o.net.Partition([]string{"li"}, []string{"wang"})
	eventually(t, "apart", func() bool { return !li.Connected(wang.id) && !wang.Connected(li.id) })
	if _, err := li.OpenStream(context.Background(), wang.id, "echo"); !errors.Is(err, switchboard.ErrNotConnected) {
		t.Errorf("stream across a partition: %v", err)
	}
	o.net.Heal()
	li.NetworkChanged()
	li.sees(wang)
	wang.sees(li)
	wang.echoes(li, "back")
}

func TestDropForgets(t *testing.T) {
	o := newOffice(t)
	li, wang := o.desk("li"), o.desk("wang")
	li.AddKnown(wang.id, wang.addr)
	li.sees(wang)
	li.Drop(wang.id)
	eventually(t, "dropped", func() bool { return !li.Connected(wang.id) && !wang.Connected(li.id) })
	time.Sleep(700 * time.Millisecond)
	if li.Connected(wang.id) {
		t.Error("it was dialled again")
	}
	li.Suggest(wang.addr, wang.id)
	li.sees(wang)
}

func TestRemembersWhatWorked(t *testing.T) {
	o := newOffice(t)
	var mu sync.Mutex
	got := map[string]wire.DeviceID{}
	changes := 0
	li := o.desk("li", func(opt *switchboard.Options) {
		opt.Remember = func(d wire.DeviceID, addr string) { mu.Lock(); defer mu.Unlock(); got[addr] = d }
		opt.Changed = func() { mu.Lock(); defer mu.Unlock(); changes++ }
	})
	wang, chen := o.desk("wang"), o.desk("chen")
	li.Suggest(wang.addr, wire.DeviceID{})
	li.Suggest("memory:nobody", wire.DeviceID{})
	li.Suggest(li.addr, wire.DeviceID{}) // our own beacon, say
	li.Suggest(chen.addr, wang.id)       // somebody else is there
	if _, err := li.Dial(context.Background(), chen.addr, chen.id); err != nil {
		t.Fatal(err)
	}
	li.sees(wang, chen)
	eventually(t, "remembered", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(got) == 2 && got[wang.addr] == wang.id && got[chen.addr] == chen.id && changes > 0
	})
	if _, err := li.Dial(context.Background(), wang.addr, chen.id); err != nil {
		t.Errorf("dialling a device that has a link: %v", err)
	}
	if _, err := wang.Dial(context.Background(), li.addr, chen.id); !errors.Is(err, link.ErrWrongDevice) {
		t.Errorf("dialling the wrong device: %v", err)
	}
}

// A link that silently died gives way to a new one of the same device, whichever
// of the two decides.
func TestDeadLinkGivesWay(t *testing.T) {
	for _, names := range [][2]string{{"a-stays", "b-returns"}, {"b-stays", "a-returns"}} {
		o := newOffice(t)
		stays, lost := o.desk(names[0]), o.desk(names[1])
		stays.AddKnown(lost.id, lost.addr)
		stays.sees(lost)
		lost.sees(stays)
		o.net.Stall(names[1])
		lost.speaksInVain(stays)
		o.net.Stall()
		again := o.desk(names[1] + "@elsewhere")
		if _, err := again.Dial(context.Background(), stays.addr, stays.id); err != nil {
			t.Fatal(names, err)
		}
		eventually(t, "the new link is used", func() bool {
			l := stays.Links()
			return len(l) == 1 && l[0].Addr == again.addr
		})
		again.echoes(stays, "I have moved")
	}
}

// speaksInVain writes to a device that does not hear it, so that something has vanished on their link:
// it would recover otherwise.
func (d *desk) speaksInVain(to *desk) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := d.OpenStream(ctx, to.id, "echo")
	if err != nil {
		d.t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Write([]byte("x")); err != nil {
		d.t.Fatal(err)
	}
	s.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if _, err := s.Read(make([]byte, 1)); err == nil {
		d.t.Fatal("the stalled link still answers")
	}
}

// says tries an echo for a short while.
func (d *desk) says(to *desk) error {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	s, err := d.OpenStream(ctx, to.id, "echo")
	if err != nil {
		return err
	}
	defer s.Close()
	s.SetDeadline(time.Now().Add(300 * time.Millisecond))
	s.Write([]byte("x"))
	_, err = s.Read(make([]byte, 1))
	return err
}

// relay is a second way: memory under another name.
type relay struct{ *memory.Node }

func (relay) Via() string { return "relay" }
func (r relay) Dial(ctx context.Context, addr string, want wire.DeviceID) (link.Link, error) {
	name, ok := strings.CutPrefix(addr, "relay:")
	if !ok {
		return nil, link.ErrAddress
	}
	return viaRelay(r.Node.Dial(ctx, "memory:"+name, want))
}
func (r relay) Accept(ctx context.Context) (link.Link, error) { return viaRelay(r.Node.Accept(ctx)) }

type relayed struct{ link.Link }

func (relayed) Via() string { return "relay" }
func viaRelay(l link.Link, err error) (link.Link, error) {
	if err != nil {
		return nil, err
	}
	return relayed{l}, nil
}

// A better way that comes up takes over, on both sides.
func TestBetterWayTakesOver(t *testing.T) {
	o := newOffice(t)
	far := memory.NewNetwork(nil)
	both := func(opt *switchboard.Options) {
		n, err := far.Node(opt.Self, strings.TrimRight(string(opt.Self[:]), "\x00"), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { n.Close() })
		opt.Nodes = append(opt.Nodes, relay{n})
	}
	li, wang := o.desk("li", both), o.desk("wang", both)
	if _, err := li.Dial(context.Background(), "relay:wang", wang.id); err != nil {
		t.Fatal(err)
	}
	wang.sees(li)
	if via := li.Links()[0].Via; via != "relay" {
		t.Fatal(via)
	}
	wang.AddKnown(li.id, li.addr)
	eventually(t, "the better way", func() bool {
		x, y := li.Links(), wang.Links()
		return len(x) == 1 && x[0].Via == "memory" && len(y) == 1 && y[0].Via == "memory"
	})
	li.echoes(wang, "hello, nearer now")
	wang.echoes(li, "so are you")
}

// Whatever the network does, in the end every two desks have one link, and both
// say the same of it.
func TestChaos(t *testing.T) {
	for seed := range uint64(2) {
		o := newOffice(t)
		o.net = testnet.New(seed)
		o.net.Latency(0, 3*time.Millisecond)
		var desks []*desk
		for i := range 5 {
			desks = append(desks, o.desk(fmt.Sprintf("%c%d-%d", 'a'+(i*7)%5, i, seed)))
		}
		introduced(desks...)
		random := rand.New(rand.NewPCG(seed, 1))
		for range 40 {
			switch random.IntN(4) {
			case 0:
				o.net.DropLinks(0.3)
			case 1:
				a, b := random.IntN(5), random.IntN(5)
				o.net.Partition([]string{desks[a].addr[len("memory:"):], desks[b].addr[len("memory:"):]})
			case 2:
				o.net.Heal()
			case 3:
				o.net.RefuseDials(0.3)
			}
			time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond)
		}
		o.net.Heal()
		o.net.RefuseDials(0)
		for _, d := range desks {
			d.NetworkChanged()
		}
		for _, x := range desks {
			for _, y := range desks {
				if x != y {
					x.sees(y)
				}
			}
		}
		for i, x := range desks {
			for _, y := range desks[i+1:] {
				eventually(t, fmt.Sprintf("seed %d: both use the same link", seed), func() bool { return x.says(y) == nil && y.says(x) == nil })
			}
		}
	}
}
