// Package move takes what one engine keeps to another: records, access lists,
// envelopes and chunks.
//
// It may run while the source serves devices, be interrupted anywhere, and run
// again: what is there already is skipped, and marks in the target (records of
// kind Marks, one per space, the cursor in the source) say where to go on. So the
// way to a new home is: Move while the old one serves, stop the old one, Move
// once more for the little that came meanwhile, start the new one.
//
// Each space keeps the order of its store. Ages begin anew: the target counts
// retention from the day of the move.
package move
