package pdf

// What a file may make this package do. A file beyond them is refused with [ErrLimit].
const (
	// maxObject is the greatest object number. The specification allows 8,388,607; a file of
	// 20,000 pages has some 200,000.
	maxObject = 1 << 20
	// maxSections bounds the chain of cross-reference sections: one for each saved revision.
	maxSections = 4096
	// maxDepth bounds arrays and dictionaries within each other, and references to references.
	maxDepth = 64
	// maxNodes bounds the values of one object.
	maxNodes = 1 << 19
	// maxText bounds the bytes of strings and names of one object.
	maxText = 16 << 20
	// maxDecoded bounds what a stream may decode to.
	maxDecoded = 64 << 20
	// maxPages bounds the leaves of the page tree.
	maxPages = 100_000
	// maxHeader is how far into the file the header may be, maxTail how far from the end startxref.
	maxHeader = 1024
	maxTail   = 64 << 10
	// cachedBytes is what decoded object streams may take together.
	cachedBytes = 16 << 20
)
