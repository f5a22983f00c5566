// Package memory is a way inside one process: a small honest network for tests.
// Links carry the same streams with the same limits as on a real network and
// break in the same ways; only the proof of the device key is taken on trust.
// Package testnet drives its faults.
package memory
