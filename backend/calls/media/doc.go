// Package media carries the sound and picture of one call: between the page and this device's
// engine on loopback, and between engines. It knows devices and sources; who may be in a call is
// not its business. See docs/decisions/0037 and 0038.
//
//	engine.go    what others call; one loop (reconcile.go) decides everything
//	page.go      the leg to the page, which offers
//	leg.go       the leg to another engine; session.go, negotiate.go: its PeerConnection
//	message.go   what engines say to each other, with every limit in limits.go
//	ingress.go   packets in; source.go: what they belong to; slot.go, rewrite.go: packets out; red.go: copies of sound; resend.go: what was lost
//	assign.go    what goes in which slot; loudest.go: which microphones; budget.go, layers.go: how much of it
//	estimate.go  what a way carries; feedback.go, probe.go
package media
