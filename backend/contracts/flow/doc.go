// Package flow is the life of one contract: the events of its space in, what
// became of it out. It is a pure fold over the set of events, no clock, no disk,
// no network: in whatever order they came, and however often, every device finds
// the same (docs/decisions/0047).
//
// # The baton
//
// From Sent on a chain of events names its predecessor: Acted (somebody signed,
// approved, or a seal was applied) and Passed. Only who holds the document may
// extend the chain. After Acted it is with the party that is named, with the
// only one that can be next, or stays with who acted, until somebody of the same
// step consents and it is Passed on. Who keeps it may act with a part of its own, too.
//
// Should who keeps it be gone, the sender passes it on.
//
// Events form a tree whose root is Sent. Of its leaves the one counts on
// whose way everybody has acted, then what the sender preserved, then where nobody acted who had lost the party, then
// where most have acted; of two equal ones the present person's, then the earlier: two events that extend
// one link come from one party, or from two devices of one person. Should there be several Sent, that counts on which most was built.
//
// # What counts against what
//
//   - A chain in which everybody acted is complete, whatever else was said.
//   - Until then an end by the sender counts first, then a refusal.
//   - A refusal counts as long as its author is the person of the party.
//   - A new person for a party counts while the party has not acted. An act of who had lost
//     the party by then does not carry the contract on, unless somebody else went on with it or the chain is complete: a signature in a file
//     is not taken back by a log. Programs do not let a former person sign.
//   - An act counts up to the latest deadline that there was, by what its author says of the time.
//   - Stamps decide the order of the timeline, and which of two equal things
//     counts. Times can be made up by their authors, so nothing else hangs on them, and events of one feed stand in its order, whatever their
//     stamps say. What made-up stamps of another device of its author could still exchange stays where it was seen complete (Here.Pin).
//   - Of each feed the first so many events of a kind are looked at (Most), of each device the feeds that were begun first.
package flow
