package blobs

// What a peer's program would send, for tests outside the package.
type (
	Question = question
	Answer   = answer
)

const (
	Protocol    = protocol
	MaxHashes   = maxHashes
	MaxQuestion = maxQuestion
	MaxAnswer   = maxAnswer
)
