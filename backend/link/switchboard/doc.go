// Package switchboard keeps at most one link per device and runs protocols over
// it.
//
// # One link
//
// Two devices that dial each other at the same moment make two links. If each
// side dropped one by a rule of its own, both could be lost. So one side
// decides: the senior, whose device ID is smaller. It picks a link and opens a
// stream "up" on it; only that makes the link current on both sides. It closes
// the others. The junior closes nothing, except a link that no "up" arrives on
// for 15 s. A link that works is kept over a newer one; one that does not answer
// within 3 s, or goes a worse way (the order of Options.Nodes), is replaced.
//
// # Streams
//
// Every stream starts with one frame of at most 64 bytes that names its
// protocol, within 10 s; unknown names are closed.
//
// # Dialling
//
// Addresses come from AddKnown (they worked before) and Suggest (discovery). Each
// is dialled with jittered back-off from 0.5 s to 60 s (longer where hundreds of
// addresses fail: all together at most two dials a second in the long run).
// After sleep, a change of network interfaces or NetworkChanged all are dialled
// at once, and links are asked whether they still live.
//
// # Strangers
//
// Devices that share no space with us (Options.Known) get 32 links altogether, 8
// streams at a time on each, a low rate of both, and are cut after 10 minutes
// without a stream.
package switchboard
