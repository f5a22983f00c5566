//go:build unix

package headless

import (
	"os"
	"os/signal"
	"syscall"
)

// askedBy says how to ask for another boot code.
const askedBy = "kill -USR1 PID"

// onAsked calls tell at each SIGUSR1 until stop.
func onAsked(tell func()) (stop func()) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-asked:
				tell()
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(asked)
		close(done)
	}
}
