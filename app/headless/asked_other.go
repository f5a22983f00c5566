//go:build !unix

package headless

// askedBy says how to ask for another boot code.
const askedBy = "starting again"

// onAsked does nothing: there is no signal to ask with.
func onAsked(func()) (stop func()) { return func() {} }
