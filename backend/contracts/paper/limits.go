package paper

import "errors"

// What a template may hold.
const (
	maxSource  = 256 << 10 // bytes
	maxFields  = 200
	maxBlocks  = 400
	maxParties = 20
	maxName    = 40   // characters of a name of a field or party
	maxValue   = 4000 // characters of a value
	maxLabel   = 80
	maxChoices = 50
	maxPages   = 200
	maxRunes   = 400_000
	maxDepth   = 8 // of lists and quotes
	maxColumns = 12
)

// Error is what is wrong with a template, and in which line, from 1; 0 where it is in none.
type Error struct {
	Line   int
	Reason string
}

func (e *Error) Error() string { return "template: " + e.Reason }

// ErrFont says that bytes are no font that can be embedded: TrueType with outlines.
var ErrFont = errors.New("no TrueType font")
