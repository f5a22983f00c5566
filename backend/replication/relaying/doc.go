// Package relaying keeps the spaces of this device level with the relays that
// its workspaces name: it publishes what a relay lacks, reads what it has, and
// keeps its access lists as the control events say.
//
// A device talks to every relay of a workspace at once, not to the first that
// answers: two colleagues who reach different ones of them still meet, and when
// one dies nothing has to be moved. What comes twice is stored once.
//
// A relay is believed nothing. What it hands over is verified like anything
// foreign; what it says to hold counts for "at the relay" only, never for
// "delivered"; what it hides shows as a gap, which is told.
package relaying
