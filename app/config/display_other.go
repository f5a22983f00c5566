//go:build !unix || darwin

package config

func hasDisplay() bool { return true }
