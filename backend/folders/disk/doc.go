// Package disk is a folder on a disk as shared folders use it.
package disk
