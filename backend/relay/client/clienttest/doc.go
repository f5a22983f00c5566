// Package clienttest is a relay small enough to misbehave: for the tests of
// what talks to relays. It proves devices, matches and splices circuits, and
// does whatever else a test tells it to.
package clienttest
