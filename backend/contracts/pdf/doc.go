// Package pdf reads PDF files and appends to them, as far as signing and checking
// signatures need it (ISO 32000-2; page numbers of 32000-1 are the same in substance).
//
// It never changes a byte that is there: what is new goes behind, as an incremental update in
// the style of the file's own cross-reference sections. So whatever a file holds that this
// package does not know (forms, annotations, tagging, embedded files) stays as it is, and every
// earlier signature stays valid.
//
// It reads what real programs write: tables, streams and hybrids of cross-references, object
// streams, files with bytes before the header and after the end, and files whose
// cross-references are damaged (they are found again by looking at every byte; [File.Rebuilt]).
// Encrypted files are refused ([ErrEncrypted]): to append to one would need its password at every later reading.
//
// Files are foreign bytes: what may be large has a bound in limits.go, every walk over references has a
// depth, and what is decoded has a size. A file is read in place, through io.ReaderAt; memory
// grows with the number of objects, not with the size of the file.
package pdf
