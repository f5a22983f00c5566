// Package testnet is a network that misbehaves on command: latency with jitter,
// links that drop, partitions that heal. What it does follows from its seed, so
// a failing test prints the seed and can be run again.
package testnet
