// Package cascade is the model of a meeting that is larger than one hub: a tree of
// forwarders, as docs/SCALING.md designs it, built and broken in simulated time. It
// forwards nothing and no program imports it; it is here so that the figures in that
// document come out of rules that can be read and run.
//
//	world.go    who there is: offices, homes, what they can send
//	tree.go     where a newcomer is put; what a forwarder may carry
//	standby.go  second parents, and the room that is kept for them
//	run.go      simulated time: joins, deaths, repair, upkeep
//	report.go   the figures
//
// What it leaves out is listed in docs/SCALING.md. The same seed gives the same figures.
package cascade
