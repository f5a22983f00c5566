// Package mux puts streams on one ordered connection whose other end is proven
// already. It is yamux with its edges covered:
//
//   - a lost connection is link.ErrClosed, never a false io.EOF;
//   - writes are cut in pieces, so that streams share the line fairly and a
//     slow line is not taken for a dead one;
//   - the other side is dead when nothing at all arrived for DeadAfter and the
//     line takes no bulk either, not when one ping waits behind bulk data;
//   - the other side's streams are counted, and a side that opens far too many
//     loses the link.
package mux
