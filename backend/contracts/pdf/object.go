package pdf

import (
	"maps"
	"slices"
	"strconv"
)

// Object is one value of a file: nil, bool, [Int], [Real], [String], [Name], [Array], [Dict],
// [Ref] or *[Stream] (ISO 32000-2, 7.3).
type Object any

// Int is an integer.
type Int int64

// Real is a number as it is written in the file, so that it is written back without loss.
type Real string

// String is a string's bytes, without its escapes.
type String []byte

// Name is a name without its solidus, its escapes undone.
type Name string

// Array holds values in order.
type Array []Object

// Dict maps names to values.
type Dict map[Name]Object

// Ref refers to an indirect object.
type Ref struct {
	Num uint32
	Gen uint16
}

// Stream is a dictionary with bytes. Those of a file stay there: At is where they begin and
// Size how many they are, before they are decoded. Those of a new stream are Data.
type Stream struct {
	Dict     Dict
	At, Size int64
	Data     []byte
}

// Float gives the number that an object is.
func Float(o Object) (float64, bool) {
	switch n := o.(type) {
	case Int:
		return float64(n), true
	case Real:
		f, err := strconv.ParseFloat(string(n), 64)
		return f, err == nil
	}
	return 0, false
}

// Number makes the shortest object that a reader takes for this number, to a millionth.
func Number(f float64) Object {
	if f == float64(int64(f)) {
		return Int(f)
	}
	return Real(strconv.FormatFloat(f, 'f', -1, 32))
}

// Clone copies a dictionary, not what it holds.
func (d Dict) Clone() Dict { return maps.Clone(d) }

// keys are sorted, so that what is written is the same each time.
func (d Dict) keys() []Name { return slices.Sorted(maps.Keys(d)) }
