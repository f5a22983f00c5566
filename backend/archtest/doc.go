// Package archtest holds the house to its plan: which package may import which,
// what backend does without, and the sizes that we argue about. Each wall says
// why it stands. It has tests only; the lists in them are the plan:
//
//	floors_test.go  the packages in order, and the walls between them
//	habits_test.go  no cgo, no environment, no init, no mutable globals, a doc
//	sizes_test.go   lines of files and functions, methods of interfaces, and
//	                the exceptions, a list that only shrinks
//	source_test.go  reads the source
package archtest
