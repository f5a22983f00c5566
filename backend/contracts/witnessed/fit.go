package witnessed

import (
	"bytes"
	"cmp"
	"slices"

	"roundtable/backend/contracts/evidence/bundle"
)

// What a bundle has room for. A device of a party has some ten entries in a contract; who writes down thousands is left out by the name of the log,
// and spoils nobody's certificate.
const (
	maxLogEntries = 400
	maxLogBytes   = 2 << 20
	maxAllEntries = 8000
	maxAllBytes   = 10 << 20
	maxLogs       = 200
)

// fit leaves out what a bundle has no room for: first the largest logs, and the second ones of people who have several. The logs come out in the
// order of their keys.
func fit(logs []bundle.Log) (out []bundle.Log) {
	size := map[string]int{}
	turn := map[string]int{}
	key := func(l bundle.Log) string { return l.Key.String() }
	for _, l := range logs {
		for _, p := range l.Proofs {
			size[key(l)] += len(p.Leaf) + 60*len(p.Hashes) + len(p.Note.Text) + 200*len(p.Note.Lines) + 200
		}
	}
	slices.SortFunc(logs, func(a, b bundle.Log) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(len(b.Proofs), len(a.Proofs)), bytes.Compare([]byte(key(a)), []byte(key(b))))
	})
	for i, l := range logs {
		if i > 0 && logs[i-1].ID == l.ID {
			turn[key(l)] = turn[key(logs[i-1])] + 1
		}
	}
	slices.SortStableFunc(logs, func(a, b bundle.Log) int {
		return cmp.Or(cmp.Compare(turn[key(a)], turn[key(b)]), cmp.Compare(size[key(a)], size[key(b)]))
	})
	entries, total := 0, 0
	for _, l := range logs[:min(len(logs), maxLogs)] {
		n := size[key(l)]
		if len(l.Proofs) > maxLogEntries || n > maxLogBytes || entries+len(l.Proofs) > maxAllEntries || total+n > maxAllBytes {
			l.Proofs, l.Witnesses, l.Enough, l.Fork, l.TooLong = nil, nil, 0, nil, true
		}
		entries, total = entries+len(l.Proofs), total+n
		if l.TooLong {
			total -= n
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b bundle.Log) int { return bytes.Compare([]byte(key(a)), []byte(key(b))) })
	return out
}
