// Command roundtable-headless is Roundtable for a browser on the same machine.
package main

import (
	"os"

	"roundtable/app/headless"
)

func main() { os.Exit(headless.Main(os.Args[1:], os.Stdout, os.Stderr)) }
