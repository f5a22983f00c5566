// Package media carries the sound and picture of one call: between the page and this device's
// engine on loopback, and between engines. It knows devices and sources; who may be in a call is
// not its business. See docs/decisions/0037.
package media
