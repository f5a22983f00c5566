// Package circles has conversations of people of several workspaces: a workspace's own people and its partners, in a
// space that lies in no workspace (kind circle). What is written there is package chat's business; here is who is in a
// circle, from where, and how they come in.
//
// # Events
//
//	circles.origin_stated   the author: from which workspace I come, by its name; the last of a person counts
//
// What a circle is called, its relays and what people in it are called are said as in a workspace (package people); its
// relays are those of the workspace in which it was begun.
//
// # Who may do what
//
// The rules are those of a group: members add people and make links, admins remove and rename, everybody may leave. People
// of one's own workspace are added by choosing them. Partners come by a link: for one person, or for several, with an end,
// revocable. There is no way to look a partner up: nobody's directory is shown.
//
// # What is proven
//
// Who is external is decided on each device by its own workspaces: an external is no present member of any of them,
// whatever it says of itself. That a person belongs to a workspace of ours is proven by that workspace's log. From where an
// external comes is its own word, and the screen says so: to prove more, it would have to show the log of its workspace,
// which is the list of its people.
//
// # What partners see
//
// The circle alone: its people, its messages and files, all of them from its beginning, or from their joining on where its
// admins say so (decision 0066). Replication asks space by space
// who belongs to it, so a link with a partner's device carries this space and no other.
//
// # Conflicts
//
// Of two statements the later one counts, by stamp, device and sequence. Where a circle is shown is this device's choice.
package circles
