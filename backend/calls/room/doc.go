// Package room is one call as a pure state machine: no network, no clock, no log. It is
// fed with what devices say of themselves (Beat) and with the time, and gives who is in
// the call, who may what, and whom this device links with.
//
// # Beats
//
// Every device that is in says a beat every 2 s and at every change, signed with its key,
// with a time that grows: what is older than the last one is a replay. Who is silent for 8 s is gone. All that
// is known of a call follows from the last beat of each device, so devices that heard
// the same agree, in whatever order it came and whatever was lost before.
//
// # Policy
//
// What hosts decide is one document with a version, said whole with every beat of a host or
// co-host; the latest counts. A policy belongs to a founder:
//
//	the starter of the call, to whom the call's ID commits: nobody can claim to be it
//	a successor: when no host or co-host is left, the member who is in it longest
//
// Co-hosts are named in a grant that the founder signed. Within a founder's policies the
// later grant, then the higher counter, then the author decides. Between founders: the
// starter before all others, then who has been in it longer. A member of the call can
// therefore never outbid a starter who is there. A successor's policy counts where there is no host
// left, and its founder is the longest in it; or where it ranks before the present one.
//
// Two hosts who decide at the same moment make policies with one counter, of which one counts. Each
// names the last deeds that are in it; who misses one of its own does it again on top of the other's.
// An end for all is never lost.
//
// # In, or not yet
//
// Nobody says of itself that it was let in. Each device works it out from a beat and
// the policy in force: removed, denied, admitted, locked out, in the lobby, in.
//
// # Orders
//
// "Mute him" carries the policy's counter. A microphone that was switched on before that
// counter was known to its device is off, and engines silence it whatever its device says.
//
// # Hub
//
// Up to 4 devices link with each other. From 5 on the best one that all reach claims to
// be the hub, with a term that grows. A claim counts when it comes from the hub that is followed or
// its standby, when somebody of another person follows it, or, where there is no hub, from one of the
// two best by score; of two that count the higher term does, then the smaller device. Whom a host
// barred never counts. The hub names a standby, who raises the term when it hears nothing of the hub, or when
// somebody turned to it. At 3 the hub gives it up.
package room
