// Package chart is what an office says about its people: departments as a tree, a record
// for each person (who need not be in the workspace yet), and who may write
// which part of it. It is pure: statements in, chart out, no clock, no disk.
//
// # One order
//
// Fold takes statements in the order (stamp, device, seq) and judges each by the
// chart at its place. Whatever came in which order, the chart is the same
// (TestAnyOrderSameChart). Of a record each group of fields is the last one said
// by somebody who might:
//
//	name     name, employee number
//	posts    positions (department, title, lead or not), manager, place
//	reach    phones, e-mail
//	note     note
//	state    here, or left
//	bind     the person of the workspace, or the invites made for the record
//	private  what only those see who hold the key (see Private)
//	hidden   phones, e-mail, place and note, each by itself, where not everybody sees them (see Veil)
//
// # Who may say what
//
// Whoever has ever been admin or owner of the workspace may say everything.
// A delegate of a department may change records all of whose positions lie in it
// or below, before and after the change, and departments strictly below it; it takes nobody from a record
// that is not its own, and says nothing about what is hidden.
// Nobody else may say anything; what they say has no effect and no entry among
// the changes.
//
// # What is cut
//
// A move of a department that would put it below itself has no effect, and the
// department says so (Refused) until it is moved again. So of two moves that
// together make a cycle the later one gives way, on every device. The same
// holds for a move that would make the tree deeper than MaxDepth.
// What lies in a department that is gone counts to the one above it.
// A person has one record: the last binding takes it from another.
package chart
