package verify

import (
	"io"
	"slices"

	"roundtable/backend/contracts/pdf"
)

// Since says what was added and changed in a file after its first end bytes, which are a file of their own, whether somebody
// signed them or not: who is asked to sign a document compares it with what it was when it was sent. Comments matter, too. An error
// means that one of the two cannot be read as a PDF.
func Since(r io.ReaderAt, size, end int64) ([]Change, error) {
	f, err := pdf.Open(r, size)
	if err != nil || end == size {
		return nil, err
	}
	c := &checker{r: r, f: f}
	all, err := c.difference(&found{Signature: Signature{End: end}})
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Kind == DocumentChanged && all[i].Subject == "Perms" {
			all[i].Matters = false // the first signature says what may change: that forbids, and shows nothing
		}
		if slices.Contains([]ChangeKind{AnnotationAdded, AnnotationChanged, AnnotationRemoved}, all[i].Kind) {
			all[i].Matters = true
		}
	}
	return all, nil
}
