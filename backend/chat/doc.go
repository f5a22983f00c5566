// Package chat is conversations: everyone in a workspace, groups, and two people.
// The screen calls it Messages.
//
// # Conversations are spaces
//
//	everyone  the space of the workspace itself
//	group     a space of kind group; its creator is the owner
//	direct    a space of kind direct, one for each pair of people in a workspace
//
// # Events (content lane of the conversation's space)
//
//	chat.message_posted   {text, files, note, answers to, mentions, forwarded}   any member
//	chat.message_edited   {message, text, mentions}  its author; the latest counts
//	chat.message_recalled {message}       its author within the span of the workspace, or who manages the space
//	chat.reaction_set     {message, emoji} any member, about itself; the latest counts
//	chat.message_pinned   {message, on}   any member, of everyone's who manages the workspace; the latest counts
//	chat.recall_span_set  {seconds}       who manages the workspace, in its own space; the latest counts
//	chat.read_marked      {marks}         any member, about itself
//	chat.thread_read      {message, marks} any member, about itself, in a thread (decision 0060)
//	chat.group_named      {name}          any member of a group where its rules let them; the latest counts
//	chat.group_described  {topic}         likewise
//	chat.group_pictured   {picture}       likewise
//	chat.group_ruled      {rules}         who manages the group or the workspace; the latest before a message holds for it
//
// A read mark names feeds and sequences, not times: a message that arrives late
// from a colleague who was offline is unread although its time lies before the mark.
//
// # Rules
//
// Members of a group may do what its rules let them (rules). They are judged by what is
// known: a message that its author might not write stays in the tables and is shown
// nowhere, until a rule or a role that comes later allows it. See decision 0061.
//
// What newcomers of a group or a circle see of before is kept by keys, in package eventlog (decision 0066): what is not
// for this device is in none of these tables.
//
// How conversations stand in one's own list (pinned, muted, put away) is in tables of
// this device, and in no log (kept).
//
// # What is made of a message
//
// Other devices know a message by its author's device, the start of the feed and
// the sequence (ref). What is made of it may come before it, twice, or from who may
// not: raw words are kept, and what became of the message is worked out from all
// of them whenever one more is known (judge). See decision 0056.
//
// # Attachments
//
// A message carries up to 20 files: for each a name, a media type, the sides of a
// picture, and a blob.File (key and hashes of sealed pieces). The content itself
// is never in the log. Names are names, without folders, and a message in which
// one is not is no message. Programs from before attachments skip messages that
// have some until they are replaced; then the log is read anew.
//
// Uploads come from the screen in parts of 1 MiB, each sealed and on disk before it
// is answered; Send turns whole uploads into attachments in the write that stores
// the message. Package replication/blobs fetches what is wanted: pictures up to
// 2 MiB by themselves, everything else when somebody asks. What nobody sends
// within a week is dropped.
//
// # Notes
//
// A message may be a note of a meeting: it names the call and the time within it.
// It stands in the conversation as every message does; Notes lists those of one
// call. That the call exists is not asked: the log may hold the note first.
//
// # Search
//
// The projection notes which messages the index does not know yet (chat_unindexed), and the background takes them in, batch
// by batch: after tables were made anew the program starts at once and finds more and more. What was recalled is
// not found from that moment. Package search says how text is cut.
//
// # Order
//
// Messages stand in the order (stamp, feed, sequence). Stamps are hybrid logical
// times, so an answer never stands before its question.
//
// # Delivery
//
// waiting: safe on this device's disk. delivered: acknowledged from the disk of at
// least one device of another member (package eventlog keeps who holds what).
// read: at least one other member's mark covers it.
package chat
