//go:build race

package media

// underRace says that the race detector runs: everything takes ten times as long.
const underRace = true
