// Package calls is meetings: calls of two people, and meetings in any conversation. The
// screen says Meetings.
//
// # What stays (content lane of the conversation's space)
//
//	calls.started    {start}               any member, of its own device; the call's ID is the hash of start
//	calls.ended      {call, there}         any member; the latest time counts, and everybody who was ever named
//	calls.declined   {call}                any member, of itself
//	calls.planned    {title, begin, end}   any member; the meeting's ID is the event's
//	calls.opened     {conversation, call or planned}   in the space of a meeting with guests (guests.go); the first of who administers it
//	calls.cancelled  {meeting}             who planned it, and administrators of the space; others count for nothing
//
// What conflicts does not exist: every event stands by itself, in any order.
//
// # What does not stay
//
// That a call goes on, who is in it and what hosts decide is said in beats (package room):
// ephemeral messages of kind "call" to the members of the space, each signed with its
// device's key, so that a relay, which says who sent a frame, cannot lie about it. What engines say to
// each other (package media) goes over a stream "call/1" of the link that two devices have
// (signal.go), proven by its handshake.
//
// # Ringing
//
// A call in a conversation of two rings at all devices of the other person, for 45 s, as long as the
// caller is heard. It stops where one of them goes in or declines. A call in a larger conversation
// rings nobody; it is shown as going on. Who was off finds in the log that a call was started and
// that its person was not there: a missed one.
//
// # One at a time
//
// This device is in one call. Who is asked into a second one leaves the first one before.
package calls
