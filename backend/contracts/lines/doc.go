// Package lines cuts text into lines as Chinese and Latin are set: between Chinese characters, but no closing
// mark begins a line and no opening one ends it (避头尾; GB/T 15834-2011, W3C Requirements for Chinese Text Layout, 3.1.3),
// and words of letters stay whole where they fit.
package lines
