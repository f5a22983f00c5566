// Package convert turns documents of word processors into PDF by the LibreOffice of this computer, where
// there is one. Roundtable brings none.
//
// It runs as a process of its own, without a window, with a profile of its own that nobody else uses (so an open
// LibreOffice is not disturbed), in a folder with nothing but the document, for a bounded time; when that
// is over the process is ended with all that it started. Macros do not run: in a fresh profile the documents
// of nobody are trusted.
package convert
