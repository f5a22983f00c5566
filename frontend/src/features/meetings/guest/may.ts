import type { CallState } from "../../../api";
import { mayLead, selfOf } from "../room/people";

/** Who may make links for guests: hosts, and other colleagues where a host allowed it. The program decides; this spares a button that does nothing. */
export function mayInviteGuests(state: CallState): boolean {
  const self = selfOf(state);
  return mayLead(self) || ((state.policy?.anyInvites ?? false) && !self?.external);
}
