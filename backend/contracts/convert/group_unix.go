//go:build !windows

package convert

import (
	"os/exec"
	"syscall"
)

// alone gives a command a process group of its own, which ends as a whole.
func alone(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
}
