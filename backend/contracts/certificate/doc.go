// Package certificate writes the certificate of evidence 出证 of a contract as a PDF file on A4: what was signed, by whom and when,
// the timeline with its witnesses, what that proves and what it does not. Evidence and document are attached
// (ISO 32000-2, 7.11.4 and 14.13; package evidence/bundle reads them again).
//
// The same input gives the same bytes. Text is drawn with a font that is made for the file from outlines (Type 3, with the characters it stands for),
// so rare characters look right everywhere, and the text can be searched and copied.
//
// The file is not signed here: who makes it signs it like any other (package pades), at [Layout.Signature].
package certificate
