// Package portrait has the pictures of people: one that a person sets for its
// colleagues, shown wherever its name is.
//
// # Events (in the space of the workspace)
//
//	portrait.set    {picture}    one's own picture, or none; the latest by (stamp, device, sequence) counts
//
// # Who sees it
//
// Whoever sees the workspace's profile: its members. It is said in the workspace and
// nowhere else, so partners in circles and guests of meetings see initials, and
// colleagues in a circle see what they know from the workspace (decision 0068).
//
// # Bounds
//
// A picture is a square of at most 160 pixels a side and 12 KiB, since everybody's
// lies in everybody's log. It is drawn anew from its pixels before it leaves the
// device, and again before a page gets it (package picture).
package portrait
