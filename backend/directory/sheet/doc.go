// Package sheet reads and writes tables of people as CSV and XLSX, from anywhere: what it
// may cost is bounded, whatever the file says of itself.
//
// CSV: UTF-8 with or without a byte order mark, UTF-16 with one, or GB 18030 (which GBK is a part of); separated
// by commas, semicolons or tabs. XLSX: by excelize, whose unzipping is bounded; of each cell
// the text that it shows, never a formula's code.
//
// A cell that begins with = + - @ (or a tab or a line break) would be run as a formula by the program that opens the file. Write
// puts an apostrophe before it, and before an apostrophe that stands before such a sign; Read takes exactly that one away.
package sheet
