package desktop

import (
	"log/slog"
	"os"
)

// wailsLog takes what Wails has to say into our log.
type wailsLog struct{ log *slog.Logger }

func (l wailsLog) Print(message string)   { l.log.Debug("window", "says", message) }
func (l wailsLog) Trace(message string)   { l.log.Debug("window", "says", message) }
func (l wailsLog) Debug(message string)   { l.log.Debug("window", "says", message) }
func (l wailsLog) Info(message string)    { l.log.Info("window", "says", message) }
func (l wailsLog) Warning(message string) { l.log.Warn("window", "says", message) }
func (l wailsLog) Error(message string)   { l.log.Error("window", "says", message) }

// Fatal ends the process, as Wails expects of it.
func (l wailsLog) Fatal(message string) {
	l.log.Error("window", "says", message)
	os.Exit(1)
}
