package people

// What a stranger's program would send, for tests outside the package.
type (
	JoinMessage = joinMessage
	Offers      = joinList
	Offer       = offer
	Ask         = ask
	Number      = number
	Redeem      = redeem
	Welcome     = welcome
	Sorry       = sorry
)

const JoinProtocol = joinProtocol

var (
	Commit = commit
	Digits = digits
)
