// Command roundtable-verify checks the signatures of PDF files, offline and without a profile.
package main

import (
	"os"

	"roundtable/app/verify"
)

func main() { os.Exit(verify.Main(os.Args[1:], os.Stdout, os.Stderr)) }
