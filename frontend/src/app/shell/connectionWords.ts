import type { TFunction } from "i18next";
import { RelayState, type ConnectionsResponse, type Relay } from "../../api";

export interface CardWords {
  readonly tone: "good" | "relay" | "idle" | "bad";
  readonly title: string;
  readonly note: string;
}

interface Known {
  readonly connections: ConnectionsResponse;
  readonly relays: readonly Relay[];
  /** Person IDs of the other members of the workspace who are connected; connections may be of other workspaces. */
  readonly others: ReadonlySet<string>;
  /** How many other members there are. */
  readonly count: number;
  readonly syncing: boolean;
}

/** What the card at the foot of the list says. The most important truth wins. */
export function connectionWords({ connections, relays, others, count: members, syncing }: Known, t: TFunction): CardWords {
  if (connections.problems.includes("no_network")) return { tone: "bad", title: t("connections.noNetwork"), note: t("connections.noNetworkNote") };
  const links = connections.connections.filter(({ personId }) => others.has(personId));
  const direct = new Set(links.filter(({ via }) => via !== "relayed").map(({ personId }) => personId)).size;
  const count = new Set(links.map(({ personId }) => personId)).size;
  const away = relays.length > 0 && relays.every(({ state }) => state === RelayState.UNREACHABLE || state === RelayState.REFUSED);
  if (count > 0) {
    const fetching = syncing || connections.connections.some((connection) => connection.syncing);
    const relayed = count - direct;
    const note = fetching ? t("connections.syncing")
      : relays.some(isDoubtful) ? t("connections.relayDoubtShort")
      : away ? t("connections.relayAwayShort")
        : relayed === 0 ? t("connections.linkedNote")
          : direct === 0 ? t("connections.relayedNote") : t("connections.mixedNote", { direct, relayed });
    return { tone: "good", title: relayed === 0 ? t("connections.linked", { count }) : t("connections.joined", { count }), note };
  }
  return (members > 0 ? overRelays(relays, away, syncing, t) : null) ?? alone(connections, members, t);
}

function overRelays(relays: readonly Relay[], away: boolean, syncing: boolean, t: TFunction): CardWords | null {
  const connected = relays.filter(({ state }) => state === RelayState.CONNECTED);
  const sound = connected.filter((relay) => relay.errorCode !== "relay_full" && !isDoubtful(relay));
  const doubtful = connected.find(isDoubtful);
  if (doubtful && sound.length === 0) {
    const host = bare(doubtful);
    const title = doubtful.errorCode === "relay_forged" ? t("connections.relayForged", { host }) : t("connections.relayWithholds", { host });
    return { tone: "bad", title, note: t("connections.relayDoubtNote") };
  }
  if (connected.length > 0 && sound.length === 0) {
    return { tone: "bad", title: t("connections.relayFull", { host: bare(connected[0]!) }), note: t("connections.relayFullNote") };
  }
  if (sound.length > 0) {
    const title = sound.length === 1 ? t("connections.relay", { host: bare(sound[0]!) }) : t("connections.relays", { count: sound.length });
    return { tone: "relay", title, note: syncing ? t("connections.syncing") : t("connections.relayNote") };
  }
  if (away) {
    const title = relays.length > 1 ? t("connections.relaysAway")
      : relays[0]!.state === RelayState.REFUSED ? t("connections.relayRefuses", { host: bare(relays[0]!) }) : t("connections.relayAway", { host: bare(relays[0]!) });
    return { tone: "bad", title, note: t("connections.relayAwayNote") };
  }
  return relays.length > 0 ? { tone: "idle", title: t("connections.relayConnecting"), note: t("connections.relayConnectingNote") } : null;
}

function alone(connections: ConnectionsResponse, others: number, t: TFunction): CardWords {
  if (connections.problems.length > 0) return { tone: "bad", title: t("connections.problem"), note: t("connections.problemNote") };
  if (others === 0) return { tone: "idle", title: t("connections.first"), note: t("connections.firstNote") };
  return { tone: "idle", title: t("connections.alone"), note: t("connections.aloneNote") };
}

/** It was caught at forging or at keeping back. */
function isDoubtful({ errorCode }: Relay): boolean {
  return errorCode === "relay_forged" || errorCode === "relay_withholds";
}

/** In the card there is no room for a port that everybody uses. */
function bare({ host }: Relay): string {
  return host.replace(/:(?:443|47820)$/, "");
}
