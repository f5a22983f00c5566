//go:build !linux && !darwin && !windows

package convert

func places() []string { return []string{"/usr/local/bin/soffice"} }
