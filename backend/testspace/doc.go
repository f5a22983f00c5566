// Package testspace is an office in one process: people with devices, wired as
// the app wires them (store, log, projections, switchboard, replication,
// ephemeral, people, chat) over a memory network that can be cut. Tests read as
// stories:
//
//	o := testspace.New(t, 1)
//	o.Founds("li", "远山")
//	o.Admits("li", "wang")
//	o.As("li").Posts("早")
//	o.Partition([]string{"li"}, []string{"wang"})
//	o.Restart("wang")
//	o.Heal()
//	o.Settles()
//	o.As("wang").Sees("早")
//
// A name stands for a person with one device. Verbs fail the test when the deed
// fails; those that are expected to fail give their error (Tries…).
//
// Clocks run with the machine's and can be set apart (Ahead, Later): replication
// waits and dials by them, so they have to move by themselves.
//
// # What holds after every story
//
// Settles waits until the devices that reach each other hold the same, then
// asks, and so does the end of every test:
//
//   - the same frontier gives the same state of the space and the same tables;
//   - what a member's device acknowledged is in every member's tables;
//   - who was removed has nothing that was written by somebody who knew of it.
package testspace
