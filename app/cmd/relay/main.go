// Command roundtable-relay is the relay: what stands beyond the office network.
package main

import (
	"os"

	"roundtable/app/relay"
)

func main() { os.Exit(relay.Main(os.Args[1:], os.Stdout, os.Stderr)) }
