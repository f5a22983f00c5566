import { PartyRole, type Party } from "../../../api";

// Parties stand in one list; who shares a step with the one above acts in any order with it. Viewers and recipients of copies have no step.

export const acting = (party: Party) => party.role === PartyRole.SIGNER || party.role === PartyRole.APPROVER;

/** Steps from 1 without gaps, in the order of the list; those who do not act stand last. */
export function normalise(parties: readonly Party[]): Party[] {
  const sorted = [...parties.filter(acting), ...parties.filter((party) => !acting(party))];
  let step = 0;
  let last = Number.NaN;
  return sorted.map((party) => {
    if (!acting(party)) return party.step === 0 ? party : { ...party, step: 0 };
    if (party.step !== last) step++;
    last = party.step;
    return party.step === step ? party : { ...party, step };
  });
}

export function isJoined(parties: readonly Party[], index: number): boolean {
  return index > 0 && acting(parties[index]!) && parties[index - 1]!.step === parties[index]!.step;
}

/** Puts a party into the step of the one above it, or into one of its own. */
export function join(parties: readonly Party[], index: number, joined: boolean): Party[] {
  if (index === 0) return [...parties];
  return normalise(parties.map((party, at) => {
    if (at < index) return party;
    if (at === index) return { ...party, step: joined ? parties[index - 1]!.step : party.step + 0.5 };
    // Who stood below in the same step stays with the one that is moved.
    return { ...party, step: party.step === parties[index]!.step ? (joined ? parties[index - 1]!.step : party.step + 0.5) : party.step + 1 };
  }));
}

/** Moves a party in the list; it gets a step of its own there. */
export function move(parties: readonly Party[], from: number, to: number): Party[] {
  const list = [...parties];
  const [party] = list.splice(from, 1);
  if (!party) return list;
  list.splice(Math.min(Math.max(to, 0), list.length), 0, party);
  const at = list.indexOf(party);
  // Neighbours of one step are parted only when the party comes between them.
  return normalise(list.map((one, index) => (index === at ? { ...one, step: (list[at - 1]?.step ?? 0) + 0.25 } : index > at && one.step === list[at - 1]?.step ? { ...one, step: one.step + 0.5 } : one)));
}

/** The next label that documents use: 甲方, 乙方, 丙方 or Party A, Party B. */
export function nextLabel(parties: readonly Party[], language: string): string {
  const all = language === "zh" ? ["甲方", "乙方", "丙方", "丁方", "戊方", "己方"] : ["Party A", "Party B", "Party C", "Party D", "Party E", "Party F"];
  return all.find((label) => parties.every((party) => party.label !== label)) ?? "";
}

/** One of six colours, the same on every page. */
export function hue(parties: readonly Party[], id: number): 1 | 2 | 3 | 4 | 5 | 6 {
  return ((Math.max(0, parties.findIndex((party) => party.id === id)) % 6) + 1) as 1 | 2 | 3 | 4 | 5 | 6;
}
