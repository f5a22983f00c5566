// Package people is workspaces and who is in them: names, profiles, roles, and
// the ways in. The screen calls it Directory.
//
// # Events (in the space of the workspace)
//
//	people.workspace_named  {name}      counts when its author has ever been admin or owner
//	people.relays_set       {relays}    the same; the latest by (stamp, feed, seq) counts
//	people.profile_set      {fields}    one's own profile; the latest by (stamp, feed, seq) counts
//
// Memberships are control events of package space; the tables here follow the
// state they resolve to, not the events.
//
// # Ways in
//
// Nearby (join_*.go, protocol "join/1"): the newcomer asks one member's device.
// The newcomer commits to a random number, the member answers with one, then the
// newcomer opens the commitment; both show six digits made from the two numbers,
// both devices' keys, the workspace and the newcomer's certificate. Somebody in
// between would need the same digits on both sides. Each try is one in a million,
// because nobody learns the other number before his own is fixed (short
// authentication strings: Vaudenay, CRYPTO 2005), and a member's device makes
// maxUndecided tries an hour that end without its person's decision, seen or
// unseen. One click by the member writes the admission and hands over the keys.
//
// Invite link: holds the private half of a one-time key whose public half stands
// in the log with expiry and use count. Any member's device lets in who proves
// to hold it; the inviter need not be there.
//
// # Meetings with guests
//
// A meeting with guests has a space of its own (decision 0042), to which who is in it belongs and no
// workspace does. It is here because everything that a workspace has by itself it has too: a name, relays, what people
// in it are called, invites whose links begin with "roundtable://guest/". It is none of the workspaces that are listed.
package people
