// Command roundtable-fsck checks a profile that is not in use and changes nothing.
package main

import (
	"os"

	"roundtable/app/fsck"
)

func main() { os.Exit(fsck.Main(os.Args[1:], os.Stdout, os.Stderr)) }
