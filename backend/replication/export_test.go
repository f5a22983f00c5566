package replication

// What a peer's program would send, for tests outside the package.
type (
	Message     = message
	SpaceDigest = spaceDigest
	Buckets     = buckets
	BucketSum   = bucketSum
	Heads       = heads
	Push        = push
	Need        = need
	Give        = give
	Gone        = gone
	Want        = want
	Fetch       = fetch
	Piece       = piece
)

const (
	TalkProtocol  = talkProtocol
	FetchProtocol = fetchProtocol
	MaxHeads      = maxHeads
	MaxWants      = maxWants
)
