// Package chunk cuts content where its bytes say so, and lists the chunks.
//
//	Cut      content in, chunks out: an insertion moves few of the cuts
//	Content  what an entry says of a file: its size and its chunks. Up to 16 are
//	         named in the Content itself; of a larger one it names nodes
//	Builder  chunks in, nodes and a Content out
//	Walk     a Content in, its chunks out, in order
//
// # Where content is cut
//
// FastCDC (Xia et al., USENIX ATC 2016; IEEE TPDS 31(9), 2020): a gear hash rolls
// over the content, h = h<<1 + gear[byte], so that it depends on the last 64
// bytes. After the least length a chunk ends behind the first byte where h lies
// below a bound; the bound is low up to the normal length and high beyond it
// (normalised chunking, level 1), which keeps lengths together. In two ways this
// differs from the papers: h is compared with a bound instead of masked, which
// reads the same number of bits, and h is warm at the least length (the 64 bytes
// before it count), so that a cut depends on nothing but its window and its length.
//
//	content       least     normal    most      mean      chunks of the largest
//	below 4 GiB    16 KiB    48 KiB   256 KiB    70 KiB       60,000
//	below 64 GiB   64 KiB   192 KiB     1 MiB   276 KiB      240,000
//	above         128 KiB   384 KiB     1 MiB   478 KiB   36,000,000
//
// The most is 1 MiB, because a chunk travels inside one piece of package blob.
// Content that grows over one of the limits is cut anew: it is sent once more.
//
// The gear table and with it every cut is fixed for ever: gear[b] is the first
// eight bytes, read big-endian, of BLAKE3 over "roundtable gear v1" and the byte
// b. A golden test holds the cuts. What a peer cuts otherwise is read all the
// same: Walk asks for bounds only, and that all but the last chunk hold 4 KiB.
//
// A run of zeros has no cut but at the most, and Chunk.Hole knows those chunks
// without reading them: sparse files stay sparse.
//
// # Names
//
// A chunk is named by BLAKE3-256 of its plain bytes. Names of content tell whoever
// has the same content that it is the same: they travel in sealed events and
// between members only.
//
// # Lists
//
// An entry is 36 bytes: the name, and the length as four bytes, big-endian. A
// list at level 0 names chunks, one above it nodes, whose bytes are lists of the
// level below. A list of more than 16 entries becomes nodes: a node ends behind
// its 64th or a later entry whose name ends in four bytes below 2³²/192, or behind
// its 1024th. So nodes are cut by what they list, as chunks are, and an insertion
// changes few of them. Nodes are named as chunks are, and travel like them.
package chunk
