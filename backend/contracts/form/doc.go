// Package form places the fields of a contract in its document as an interactive form (ISO 32000-2,
// 12.7), and fills them later. Both are incremental updates, so nothing of the document is changed.
//
// All fields are placed before anybody signs. Filling one changes its value and its look and nothing else,
// which signatures before it allow (DocMDP 2); the judge calls it filled (verify.FieldFilled).
//
// Fields are read-only from the beginning: they are filled by who is asked for them, in their turn, and not
// in a reader. (A flag that was set after filling would be a change of a field, which no signature allows.)
//
// What a field shows is drawn as outlines (package glyph), so that names and addresses with rare characters look
// the same in every reader. The text is in the field's value besides, where a program finds it. Readers are never told to make
// looks of their own (NeedAppearances): they would draw with fonts that lack those characters.
//
// Signatures and seals are fields that package pades fills; initials are fields of text whose look is drawn.
package form
