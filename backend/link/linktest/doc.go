// Package linktest is the suite that every way passes: what link.Node, link.Link
// and link.Stream promise, tried on two nodes of different devices.
package linktest
