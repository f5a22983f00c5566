// Package look makes what a signature looks like: drawn by hand, typed, from a picture, or a seal. What it
// makes has its own size; Fit puts it into the box of a field without stretching it, and Caption writes a
// line beneath. A look is no proof of anything: that is the signature's value (package pades).
//
// Strokes and pictures are foreign bytes: paths are read strictly, pictures are looked at before
// they are unpacked, and both have bounds.
package look
