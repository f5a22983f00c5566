// Package glyph turns text into outlines, for seals and for what a signature looks like: a PDF
// with outlines needs no font, so a name with rare characters looks the same everywhere, and
// the same outlines are shown on the screen as SVG.
//
// Outlines are taken from font files (TrueType, OpenType, collections), in the order in which they
// are given: what one has not, the next may have. A character that none has is an error that names it, never a box.
package glyph
