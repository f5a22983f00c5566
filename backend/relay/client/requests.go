package client

import (
	"context"
	"errors"
	"fmt"

	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// The requests of a device, one method each. What the relay refuses is a
// protocol.Failed (errors.As); other errors are those of Session.ask.

// ErrForged is returned when a relay hands over a chunk that is not the one asked for.
var ErrForged = errors.New("relay hands over another chunk")

// Subscribe asks for News of a space from now on.
func (s *Session) Subscribe(ctx context.Context, space wire.SpaceID) (protocol.Position, error) {
	m, err := s.ask(ctx, "subscribe", protocol.Message{Subscribe: &protocol.Subscribe{Space: space}}, light)
	return pick(s, "subscribe", m.Position, err)
}

// Unsubscribe ends it.
func (s *Session) Unsubscribe(ctx context.Context, space wire.SpaceID) error {
	m, err := s.ask(ctx, "unsubscribe", protocol.Message{Unsubscribe: &protocol.Unsubscribe{Space: space}}, light)
	_, err = pick(s, "unsubscribe", m.Done, err)
	return err
}

// Read gives what stands after a cursor.
func (s *Session) Read(ctx context.Context, r protocol.Read) (protocol.Page, error) {
	m, err := s.ask(ctx, "read", protocol.Message{Read: &r}, heavy)
	page, err := pick(s, "read", m.Page, err)
	if err == nil && page.More && len(page.Raws) == 0 && string(page.Next) == string(r.After) {
		return protocol.Page{}, s.wrong("read", "more, and nothing") // a reader would ask for ever
	}
	return page, err
}

// Publish gives envelopes; the answer says how far they are on disk.
func (s *Session) Publish(ctx context.Context, p protocol.Publish) (protocol.Stored, error) {
	m, err := s.ask(ctx, "publish", protocol.Message{Publish: &p}, heavy)
	return pick(s, "publish", m.Stored, err)
}

// Has says which chunks of a space are stored, hash by hash.
func (s *Session) Has(ctx context.Context, space wire.SpaceID, hashes [][32]byte) ([]bool, error) {
	m, err := s.ask(ctx, "look for chunks", protocol.Message{Has: &protocol.Has{Space: space, Hashes: hashes}}, light)
	got, err := pick(s, "look for chunks", m.Flags, err)
	if err == nil && len(got.Flags) != len(hashes) {
		return nil, s.wrong("look for chunks", fmt.Sprintf("%d flags for %d hashes", len(got.Flags), len(hashes)))
	}
	return got.Flags, err
}

// Put stores one sealed chunk.
func (s *Session) Put(ctx context.Context, space wire.SpaceID, hash [32]byte, bytes []byte) error {
	m, err := s.ask(ctx, "store a chunk", protocol.Message{Put: &protocol.Put{Space: space, Hash: hash, Bytes: bytes}}, heavy)
	_, err = pick(s, "store a chunk", m.Done, err)
	return err
}

// Get fetches one and holds it against its hash. Errors also: ErrForged.
func (s *Session) Get(ctx context.Context, space wire.SpaceID, hash [32]byte) ([]byte, error) {
	m, err := s.ask(ctx, "fetch a chunk", protocol.Message{Get: &protocol.Get{Space: space, Hash: hash}}, heavy)
	got, err := pick(s, "fetch a chunk", m.Chunk, err)
	if err == nil && key.Digest(got.Bytes) != hash {
		return nil, fmt.Errorf("fetch a chunk: %w", ErrForged)
	}
	return got.Bytes, err
}

// Grant hands in a change of an access list.
func (s *Session) Grant(ctx context.Context, g protocol.Signed) error {
	m, err := s.ask(ctx, "change a list", protocol.Message{Grant: &g}, heavy)
	_, err = pick(s, "change a list", m.Done, err)
	return err
}

// Frame sends an ephemeral frame; it returns when it is on its way.
func (s *Session) Frame(ctx context.Context, f protocol.Frame) error {
	if len(f.Bytes) > protocol.MaxFrame {
		return fmt.Errorf("send frame of %d bytes: %w", len(f.Bytes), wire.ErrTooLarge)
	}
	if err := s.tell(ctx, protocol.Message{Frame: &f}); err != nil {
		return fmt.Errorf("send frame: %w", err)
	}
	return nil
}

// Watch replaces the devices whose presence is followed.
func (s *Session) Watch(ctx context.Context, devices []wire.DeviceID) (protocol.Presence, error) {
	m, err := s.ask(ctx, "follow presence", protocol.Message{Watch: &protocol.Watch{Devices: devices}}, light)
	return pick(s, "follow presence", m.Presence, err)
}

// Hosts lists connected devices of a workspace that may let people in.
func (s *Session) Hosts(ctx context.Context, workspace wire.SpaceID) ([]wire.DeviceID, error) {
	m, err := s.ask(ctx, "name hosts", protocol.Message{Hosts: &protocol.Hosts{Workspace: workspace}}, light)
	got, err := pick(s, "name hosts", m.HostList, err)
	return got.Devices, err
}

// Dial asks for a circuit to a device; the ticket is for Client.DialCircuit.
func (s *Session) Dial(ctx context.Context, to wire.DeviceID) (protocol.Ticket, error) {
	m, err := s.ask(ctx, "dial", protocol.Message{Dial: &protocol.Dial{To: to}}, light)
	return pick(s, "dial", m.Ticket, err)
}

// Turn gives STUN and TURN servers with credentials for a while.
func (s *Session) Turn(ctx context.Context) (protocol.Servers, error) {
	m, err := s.ask(ctx, "name servers", protocol.Message{Turn: &protocol.Turn{}}, light)
	return pick(s, "name servers", m.Servers, err)
}

// maxPages bounds the pages of a list of at most so many entries; a relay may
// fill its pages less than the protocol allows.
func maxPages(entries, perPage int) uint32 { return uint32(4*(entries/perPage) + 4) }

// Heads lists how far each feed of a space is stored, all pages; same is set
// instead when the sums are equal. The list may change between two pages: what
// counts is that no head is beyond what was stored at the time.
func (s *Session) Heads(ctx context.Context, space wire.SpaceID, sum envelope.Sum) (same bool, heads []protocol.Head, err error) {
	for page := range maxPages(wire.MaxFeeds, protocol.MaxHeads) {
		m, err := s.ask(ctx, "list heads", protocol.Message{Heads: &protocol.Heads{Space: space, Sum: sum, Page: page}}, heavy)
		got, err := pick(s, "list heads", m.HeadList, err)
		if err != nil {
			return false, nil, err
		}
		if got.Same && page == 0 {
			return true, nil, nil
		}
		heads = append(heads, got.Heads...)
		if !got.More {
			return false, heads, nil
		}
		if len(got.Heads) == 0 || len(heads) > wire.MaxFeeds {
			break
		}
	}
	return false, nil, s.wrong("list heads", "a list without end")
}

// maxRestarts bounds how often a list that changes while it is read is read anew.
const maxRestarts = 5

// Access gives a space's list, all pages, unless the sums are equal.
func (s *Session) Access(ctx context.Context, space wire.SpaceID, sum [16]byte) (protocol.AccessList, error) {
	for range maxRestarts {
		list, steady, err := s.access(ctx, space, sum)
		if err != nil || steady {
			return list, err
		}
	}
	return protocol.AccessList{}, fmt.Errorf("ask relay to give a list: %w", protocol.Failed{Code: protocol.CodeStale})
}

func (s *Session) access(ctx context.Context, space wire.SpaceID, sum [16]byte) (list protocol.AccessList, steady bool, err error) {
	for page := range maxPages(protocol.MaxListed, protocol.MaxEntries) {
		m, err := s.ask(ctx, "give a list", protocol.Message{Access: &protocol.Access{Space: space, Sum: sum, Page: page}}, heavy)
		got, err := pick(s, "give a list", m.AccessList, err)
		if err != nil {
			return list, false, err
		}
		if page == 0 {
			list = got
		} else if got.Version != list.Version || got.Head != list.Head || got.Same {
			return protocol.AccessList{}, false, nil // it changed meanwhile
		} else {
			list.Entries = append(list.Entries, got.Entries...)
		}
		if !got.More {
			list.More = false
			return list, true, nil
		}
		if len(got.Entries) == 0 || len(list.Entries) > protocol.MaxListed {
			break
		}
	}
	return protocol.AccessList{}, false, s.wrong("give a list", "a list without end")
}

// Spaces lists the spaces on whose lists this device stands, all pages.
func (s *Session) Spaces(ctx context.Context) (all []wire.SpaceID, err error) {
	var after wire.SpaceID
	for {
		m, err := s.ask(ctx, "list spaces", protocol.Message{Spaces: &protocol.Spaces{After: after}}, light)
		got, err := pick(s, "list spaces", m.SpaceList, err)
		if err != nil {
			return nil, err
		}
		for _, id := range got.Spaces {
			if string(id[:]) <= string(after[:]) {
				return nil, s.wrong("list spaces", "not in order")
			}
			after = id
		}
		all = append(all, got.Spaces...)
		switch {
		case !got.More:
			return all, nil
		case len(got.Spaces) == 0, len(all) > protocol.MaxSubscriptions:
			return nil, s.wrong("list spaces", "a list without end")
		}
	}
}
