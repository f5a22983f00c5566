// Package space decides who belongs to a space and what counts in it. It is a
// pure state machine: control events in, state out, no clock, no disk, no
// network. Whatever the order in which a set of control events arrives, the
// state is the same (TestAnyOrderSameState).
//
// # Kinds of space
//
//	workspace  an organisation; its creator is the owner
//	group      a conversation inside a workspace
//	direct     two people of a workspace; nobody enters or leaves
//	folder     a shared folder inside a workspace; guests read and do not write
//	meeting    a meeting with guests, outside of any workspace; who was removed never comes back
//	contract   a contract of people of a workspace
//	between    a contract with people from outside, in no workspace
//	register   the seals of a workspace, for those who have a right to one
//	circle     a conversation of people of several workspaces, in none of them; its rules are those of a group
//
// A SpaceID commits to its kind and creator (to the two people, for a direct
// space), so nobody else can have made it.
//
// # Who may do what
//
//	add, invite   members and above, up to their own role (members: member or guest)
//	redeem        any member lets in who proves an invite's secret
//	set role      admins and above; never above one's own role, never of a higher one
//	remove        admins and above, of the same role or lower; everyone may leave
//	rotate        members and above
//	set history   admins and above, in groups and circles: what newcomers are given (decision 0066)
//
// When the last owner is gone, the most senior of the highest role follows.
//
// # How conflicts resolve
//
// Control events name their parents, the control events their author had seen:
// together a graph. They are replayed in the order (depth, ID), which every
// device computes alike; each is judged by the state at its place. A removal
// needs more care, because its target may not have seen it:
//
//   - A removal names, for each feed of its target, the last sequence that
//     counts. What the target wrote beyond that without knowing of the removal
//     is void on every device, control events and content alike.
//   - A removal is judged by the state of its own past, not by its place in the
//     order, so nobody escapes by being quick.
//   - Removals are taken in order of their authors' seniority (the depth of the
//     grant of their role). One that a more senior removal voids has no effect:
//     of two administrators who remove each other, the more senior stays.
//
// The idea of "strong removal" by seniority follows the discussion of
// authority in Matrix state resolution v2 and in the local-first access control
// work of Kleppmann et al.; the rule here is smaller because grants form a tree.
package space
