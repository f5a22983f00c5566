// Package client starts real Roundtable processes and talks to them as a
// browser does: it exchanges the boot code for the session, calls the API and
// follows the changes. The proofs and the benchmark stand on it.
package client
