package convert

import (
	"os/exec"
	"strconv"
	"syscall"
)

func places() []string {
	// soffice.com waits for the end, soffice.exe does not.
	return []string{
		`C:\Program Files\LibreOffice*\program\soffice.com`, `C:\Program Files (x86)\LibreOffice*\program\soffice.com`,
	}
}

// createNoWindow starts a program of the console without one.
const createNoWindow = 0x08000000

// alone starts a command without a window, and ends it with all that it started.
func alone(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: createNoWindow}
	c.Cancel = func() error {
		return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(c.Process.Pid)).Run()
	}
}
