// Package search finds words in text, also Chinese ones of two characters. It takes text and gives what SQLite's
// FTS5 indexes and is asked: it opens no database and knows no feature. A feature has a table of its own,
//
//	CREATE VIRTUAL TABLE … USING fts5(pairs, singles, content='', contentless_delete=1, tokenize='ascii')
//
// fills it with Cut and asks it with Match.
//
// Chinese has no spaces. Its characters are indexed as pairs of neighbours, so that a word of two characters is one
// term and a longer one a phrase of them, and one by one besides, for questions of a single character. Words of letters and digits
// are terms by themselves, and the last of a question may be the beginning of one.
// Spaces between Chinese characters are none: text that was read from a page has them where its lines end.
//
// Terms are written in ASCII, since what is a letter changes with every version of Unicode, and the rare characters of names
// are in the later ones.
package search
