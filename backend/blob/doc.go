// Package blob keeps content that is too large for an event: files are cut into
// pieces, each piece is sealed, and a sealed piece is named by its hash.
//
//	File    what an event carries of a file: size, key, and the hashes of its
//	        pieces. Up to 64 pieces are named in the File itself; of a larger one
//	        the File names nodes, which are sealed pieces that list pieces.
//	Writer  content in, piece by piece; a File out
//	Reader  a File in, content out, from any place of it
//	Store   one folder of sealed pieces, xx/<hash>, mode 0600
//
// Pieces are 1 MiB of content (the last one less). Each is sealed with the file's
// own random key and bound to its place (key.PieceKey), so whoever carries pieces
// can neither read nor exchange them; sealed, one fits a relay's chunk.
//
// What Put has answered for is on disk: a file beside, flushed, renamed. What Get
// gives has been hashed: a damaged piece is removed and reported as missing, so
// that it is fetched again. Who refers to a piece is the business of whoever keeps
// the log (replication/blobs asks it); Shelf lists what is here for its sweep.
package blob
