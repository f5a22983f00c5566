// Package ding is urgent notices: a message of a conversation that its author puts
// before certain people, over whatever they do, until they confirm it. The screen
// calls them DING.
//
// # Events
//
//	ding.sent         {message, all, people, nonce}  the message's author
//	ding.reminded     {ding, people, nonce}          who sent the notice
//	ding.called_off   {ding}                         who sent the notice
//	ding.seen         {ding}                         who it was put before, about itself
//	ding.confirmed    {ding}                         who it was put before, about itself
//	ding.rules_set    {who, per day, per ten minutes} who manages the workspace, in its own space; the latest counts
//
// They stand in the content lane of the conversation, the rules in that of the
// workspace. A notice names an ordinary message, so whoever has a program of before
// reads it without the urgency, an edit shows, and a recall takes the notice along.
//
// # Rounds
//
// A notice and each reminder are rounds: what comes before people. To everybody
// means who belonged to the conversation when the round was written.
//
// # Who may, and how often
//
// A workspace says whether everybody may or only managers and leads of departments,
// and how many rounds one person may write within 24 hours and within ten minutes.
// The author's device refuses what is beyond that. Every other device judges it
// again from the signed events, since a program can be changed: what is over the
// limit stays an ordinary message with a remark. Stamps are the author's word, so a
// device also bounds by its own clock what one person puts before its person in a
// day (see admit). Who managed once may still: as in decision 0056.
//
// # Sound
//
// A round sounds only within hours of being written. Older ones, as those that come
// in the morning, are put before people and say how old they are.
//
// # What the sender sees
//
// Delivered is the receiver's device's own word that it holds the round (package
// eventlog keeps who holds what), and the time is when this device learned of it.
// Seen and confirmed are events of the receiver with a time of their clock. Seen is
// told only where receipts are sent; confirmed always, since it is what was asked for.
package ding
