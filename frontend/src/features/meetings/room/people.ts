import { CallRole, type CallParticipant, type CallState } from "../../../api";
import { matchAny } from "../../../lib/match";

export function selfOf(state: Pick<CallState, "participants" | "selfId">): CallParticipant | undefined {
  return state.participants.find((one) => one.deviceId === state.selfId);
}

export function mayLead(one: CallParticipant | undefined): boolean {
  return one?.role === CallRole.HOST || one?.role === CallRole.COHOST;
}

/** As in a room: who raised a hand first is first, then hosts, then everybody as they came. */
export function forList(all: readonly CallParticipant[], self: string): CallParticipant[] {
  const rank = (one: CallParticipant) => (one.hand ? 0 : one.deviceId === self ? 1 : one.role === CallRole.HOST ? 2 : one.role === CallRole.COHOST ? 3 : 4);
  return [...all].sort((a, b) => rank(a) - rank(b) || (a.hand && b.hand ? Number(a.handUnixMs - b.handUnixMs) : Number(a.joinedUnixMs - b.joinedUnixMs)) || (a.deviceId < b.deviceId ? -1 : 1));
}

/** Which place in the row of raised hands, from 1; 0 without. */
export function handPlace(all: readonly CallParticipant[], device: string): number {
  const row = all.filter((one) => one.hand).sort((a, b) => Number(a.handUnixMs - b.handUnixMs));
  return row.findIndex((one) => one.deviceId === device) + 1;
}

export function find<T extends { readonly name: string }>(all: readonly T[], query: string): readonly T[] {
  return query.trim() === "" ? all : all.filter((one) => matchAny([one.name], query) !== null);
}
