package bundle

import (
	"io"

	"roundtable/backend/contracts/verify"
)

// preserved looks for the longest version that witnesses have seen, and whether what was added since only helps later checks: who
// completes a contract adds that at once, when nobody else need be there any more.
func (v *Verdict) preserved(document io.ReaderAt, size int64, versions map[[32]byte]int64) bool {
	var best *Entry
	for i := range v.Entries {
		e := &v.Entries[i]
		if !e.Version || e.Claimed || e.Seen.IsZero() {
			continue
		}
		if best == nil || versions[e.Document] > versions[best.Document] || e.Document == best.Document && (e.people > best.people || e.people == best.people && e.Seen.Before(best.Seen)) {
			best = e
		}
	}
	if best == nil || !onlyPreserves(document, size, versions[best.Document]) {
		return false
	}
	v.Preserved, v.At, v.Believe, v.People = true, best.Seen, best.believe, best.people
	return true
}

// onlyPreserves says whether everything behind a place is evidence for later, and time stamps over the document.
func onlyPreserves(document io.ReaderAt, size, end int64) bool {
	report, err := verify.File(document, size, verify.Trust{})
	if err != nil || report.Repaired || report.Ambiguous {
		return false // other programs may see something else in what was added
	}
	stamps := map[string]bool{}
	for _, s := range report.Signatures {
		other, twice := stamps[s.Field]
		stamps[s.Field] = s.Document && (other || !twice)
	}
	changes, err := verify.Since(document, size, end)
	if err != nil {
		return false
	}
	added := false
	for _, c := range changes {
		switch {
		case c.Matters:
			return false
		case c.Kind == verify.EvidenceAdded:
			added = true
		case c.Kind == verify.SignatureAdded && stamps[c.Subject]:
		default:
			return false
		}
	}
	return added
}
