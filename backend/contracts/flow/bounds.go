package flow

import (
	"cmp"
	"slices"

	"roundtable/backend/clock"
	"roundtable/backend/event"
	"roundtable/backend/wire"
)

const (
	// MaxFeeds bounds the feeds of one device that are looked at, those that were begun first. A device begins another one after a repair or when
	// it is let in again.
	MaxFeeds = 8
	// maxBeginnings bounds the events that may have begun a contract.
	maxBeginnings = 8
	// MaxBody bounds the body of an event but Sent and Consented, MaxConsent that of a consent with what was filled in and attached, in bytes.
	MaxBody    = 64 << 10
	MaxConsent = 128 << 10
	// MaxReminders bounds the reminders of one feed.
	MaxReminders = 400
)

// Most is how many events of a kind count in one feed, the first ones: nobody says more of one contract. A feed does not change behind what was
// said, so every device has the same ones, whatever it hears later.
func Most(kind event.Kind) int {
	switch kind {
	case KindSent:
		return 1
	case KindOpened, KindVoided:
		return 4
	case KindConsented, KindWithdrawn, KindDeclined:
		return 24
	case KindReminded:
		return MaxReminders
	}
	return 256 // parties and fields of type Seal are less
}

// Fits reports whether a body is not too large for its kind.
func Fits(kind event.Kind, size int) bool {
	switch kind {
	case KindSent:
		return size <= wire.MaxBody
	case KindConsented:
		return size <= MaxConsent
	}
	return size <= MaxBody
}

// feed is what one device wrote, from one beginning on.
type feed struct {
	person wire.PersonID
	device wire.DeviceID
	start  uint64
}

// bounded gives the events that are looked at, each once, in order (earlier). It is the same for the same set.
func bounded(events []Event) (out []Event) {
	seen := map[wire.EventID]bool{}
	feeds := map[feed][]Event{}
	for _, e := range events {
		if !seen[e.ID] && e.Seq <= MaxSequence {
			seen[e.ID] = true
			f := feed{e.Person, e.Device, e.Start}
			feeds[f] = append(feeds[f], e)
		}
	}
	starts := map[feed][]uint64{}
	for f := range feeds {
		device := feed{person: f.person, device: f.device}
		starts[device] = append(starts[device], f.start)
	}
	for device, all := range starts {
		slices.Sort(all)
		for _, start := range all[:min(len(all), MaxFeeds)] {
			device.start = start
			out = append(out, first(feeds[device])...)
		}
	}
	slices.SortFunc(out, earlier)
	return out
}

// first gives the first events of each kind in a feed.
func first(feed []Event) (out []Event) {
	slices.SortFunc(feed, func(a, b Event) int { return cmp.Or(cmp.Compare(a.Seq, b.Seq), slices.Compare(a.ID[:], b.ID[:])) })
	said := map[event.Kind]int{}
	least := clock.Stamp(0)
	for _, e := range feed {
		if said[e.Kind]++; said[e.Kind] > Most(e.Kind) {
			continue
		}
		least = max(least, e.Stamp)
		e.least = least
		out = append(out, e)
	}
	return out
}
