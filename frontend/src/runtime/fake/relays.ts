import { create } from "@bufbuild/protobuf";
import { HostedRelayResponseSchema, RelaySchema, RelayState, type HostedRelayResponse, type Relay, type RelayService } from "../../api/gen/roundtable/v1/relay_pb";
import type { Methods } from "./service";
import { refuse, type World } from "./world";

/** How the other side behaves. A host's first letters choose it: "down.example:47820" never answers. */
const BEHAVIOURS = {
  up: { state: RelayState.CONNECTED, errorCode: "" },
  down: { state: RelayState.UNREACHABLE, errorCode: "relay_unreachable" },
  proxy: { state: RelayState.UNREACHABLE, errorCode: "relay_proxy" },
  busy: { state: RelayState.UNREACHABLE, errorCode: "relay_busy" },
  cert: { state: RelayState.REFUSED, errorCode: "relay_certificate" },
  token: { state: RelayState.REFUSED, errorCode: "relay_token" },
  full: { state: RelayState.CONNECTED, errorCode: "relay_full" },
  forges: { state: RelayState.CONNECTED, errorCode: "relay_forged" },
  withholds: { state: RelayState.CONNECTED, errorCode: "relay_withholds" },
} as const;
export type Behaviour = keyof typeof BEHAVIOURS;

const PREFIX = "roundtable://relay/";
const FIRST_PORT = 47820;
const MOST = 4;
const DIAL_MS = 600;
const STORE_MS = 400;

/** A link that this fake understands. */
export function fakeRelayLink(name: string, host: string, pinned = false): string {
  const bytes = new TextEncoder().encode(JSON.stringify({ name, host, pinned }));
  return PREFIX + btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function parseLink(link: string): { name: string; host: string; pinned: boolean } {
  try {
    const text = link.replace(/\s+/g, "");
    if (!text.startsWith(PREFIX)) throw new Error("prefix");
    const bytes = Uint8Array.from(atob(text.slice(PREFIX.length).replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
    const { name, host, pinned } = JSON.parse(new TextDecoder().decode(bytes)) as { name: string; host: string; pinned: boolean };
    return { name, host, pinned };
  } catch {
    return refuse("relay_link_garbled");
  }
}

/** The relays of every workspace, and the one that this device may be. */
export class Relays {
  hosted: HostedRelayResponse = create(HostedRelayResponseSchema, { port: FIRST_PORT });
  /** Ports that other programs use; this device listens for colleagues on the first. */
  readonly takenPorts = new Set([47800]);
  private readonly of = new Map<string, Relay[]>();
  private readonly tries = new Map<string, number>();
  private readonly behaviours = new Map<string, Behaviour>();

  constructor(private readonly world: World) {}

  list(ws: string): Relay[] {
    const known = this.of.get(ws);
    if (known) return known;
    const made: Relay[] = [];
    this.of.set(ws, made);
    return made;
  }

  connected(ws: string): Relay | undefined {
    return this.list(ws).find((relay) => relay.state === RelayState.CONNECTED && relay.errorCode === "");
  }

  hosts(ws: string): string[] {
    return this.list(ws).map((relay) => relay.host);
  }

  add(ws: string, init: { name: string; host: string; pinned: boolean; hostedHere?: boolean }): Relay {
    const relay = create(RelaySchema, { id: this.world.id("rel"), ...init });
    this.list(ws).push(relay);
    this.dial(ws, relay);
    return relay;
  }

  /** For scenes: how it stands already, without waiting. */
  stands(ws: string, relay: Relay, init: Partial<Pick<Relay, "sinceUnixMs" | "waiting" | "roundTripMs">> = {}): void {
    this.arrive(ws, relay);
    Object.assign(relay, init);
  }

  /** Changes how a host behaves from now on; connections to it feel it at once. */
  behave(host: string, behaviour: Behaviour): void {
    this.behaviours.set(host, behaviour);
    for (const [ws, relays] of this.of) for (const relay of relays) if (relay.host === host) this.arrive(ws, relay);
  }

  remove(ws: string, id: string): void {
    const left = this.list(ws).filter((relay) => relay.id !== id);
    if (left.length === this.list(ws).length) refuse("not_found");
    this.of.set(ws, left);
    this.world.changed("relays");
  }

  order(ws: string, ids: readonly string[]): void {
    const known = this.list(ws);
    if (ids.length !== known.length || new Set(ids).size !== ids.length) refuse("invalid_argument");
    this.of.set(ws, ids.map((id) => known.find((relay) => relay.id === id) ?? refuse("not_found")));
    this.world.changed("relays");
  }

  retry(ws: string): void {
    for (const relay of this.list(ws)) if (relay.state !== RelayState.CONNECTED) this.dial(ws, relay);
  }

  /** Something was written: every relay of the workspace has it to store. */
  wrote(ws: string): void {
    for (const relay of this.list(ws)) {
      relay.waiting += 1n;
      this.drain(relay);
    }
    this.world.changed("relays");
  }

  private dial(ws: string, relay: Relay): void {
    Object.assign(relay, { state: RelayState.CONNECTING, errorCode: "", sinceUnixMs: BigInt(Date.now()), nextTryUnixMs: 0n, roundTripMs: 0 });
    this.world.changed("relays");
    this.world.later(DIAL_MS, () => relay.state === RelayState.CONNECTING && this.list(ws).includes(relay) && this.arrive(ws, relay));
  }

  private arrive(ws: string, relay: Relay): void {
    const chosen = this.behaviours.get(relay.host) ?? (Object.keys(BEHAVIOURS) as Behaviour[]).find((name) => relay.host.startsWith(`${name}.`)) ?? "up";
    const { state, errorCode } = BEHAVIOURS[chosen];
    const tries = state === RelayState.CONNECTED ? 0 : (this.tries.get(relay.id) ?? 0) + 1;
    this.tries.set(relay.id, tries);
    const pause = Math.min(5 * 2 ** tries, 300) * 1000;
    Object.assign(relay, {
      state, errorCode, sinceUnixMs: BigInt(Date.now()), roundTripMs: state === RelayState.CONNECTED ? (relay.hostedHere ? 1 : 24 + (relay.host.length * 7) % 60) : 0,
      nextTryUnixMs: state === RelayState.CONNECTED ? 0n : BigInt(Date.now() + pause),
    });
    if (state !== RelayState.CONNECTED) this.world.later(pause, () => relay.nextTryUnixMs > 0n && this.list(ws).includes(relay) && this.dial(ws, relay));
    this.drain(relay);
    this.world.changed("relays", "chat");
  }

  private drain(relay: Relay): void {
    if (relay.waiting === 0n || relay.state !== RelayState.CONNECTED || relay.errorCode === "relay_full") return;
    this.world.later(STORE_MS, () => {
      if (relay.state !== RelayState.CONNECTED || relay.waiting === 0n) return;
      relay.waiting = 0n;
      this.world.changed("relays");
    });
  }
}

export function relayService(world: World): Methods<typeof RelayService> {
  const { relays } = world;
  const manages = (ws: string) => world.workspace(ws).canAdminister && world.workspace(ws).active;
  const change = (ws: string) => manages(ws) || refuse("forbidden");
  const answer = (ws: string) => ({ relays: relays.list(ws), canChange: manages(ws) });
  return {
    relays: ({ workspaceId }) => answer(world.workspace(workspaceId).id),
    previewRelay: ({ link }) => parseLink(link),
    addRelay({ workspaceId, link }) {
      change(workspaceId);
      const named = parseLink(link);
      if (relays.hosts(workspaceId).includes(named.host)) refuse("relay_known");
      if (relays.list(workspaceId).length >= MOST) refuse("relay_limit", { max: String(MOST) });
      relays.add(workspaceId, named);
      return answer(workspaceId);
    },
    removeRelay({ workspaceId, relayId }) {
      change(workspaceId);
      relays.remove(workspaceId, relayId);
      return answer(workspaceId);
    },
    orderRelays({ workspaceId, relayIds }) {
      change(workspaceId);
      relays.order(workspaceId, relayIds);
      return answer(workspaceId);
    },
    retryRelays({ workspaceId }) {
      relays.retry(workspaceId);
      return answer(workspaceId);
    },
    hostedRelay: () => relays.hosted,
    hostRelay({ enabled, port, publicHost, workspaceIds }) {
      const { hosted } = relays;
      const chosen = port || hosted.port;
      if (enabled && relays.takenPorts.has(chosen)) {
        hosted.errorCode = "relay_port_taken";
        refuse("relay_port_taken");
      }
      if (enabled) for (const id of workspaceIds) change(id);
      for (const id of hosted.workspaceIds.filter((id) => !enabled || manages(id))) {
        for (const relay of relays.list(id).filter(({ hostedHere }) => hostedHere)) relays.remove(id, relay.id);
      }
      const guess = `192.168.3.24:${chosen}`;
      Object.assign(hosted, {
        enabled, running: enabled, port: chosen, addresses: enabled ? [guess] : [], errorCode: "", devices: 0, workspaceIds: enabled ? [...workspaceIds] : [],
        // While it does not run only what was chosen is known.
        address: !enabled ? publicHost : publicHost === "" ? guess : `${publicHost}:${chosen}`,
      });
      const name = world.settings.deviceName;
      hosted.link = enabled ? fakeRelayLink(name, hosted.address, true) : "";
      for (const id of hosted.workspaceIds) relays.add(id, { name, host: hosted.address, pinned: true, hostedHere: true });
      if (enabled) {
        world.later(DIAL_MS, () => {
          Object.assign(hosted, { devices: hosted.running ? 1 : 0, storedBytes: hosted.storedBytes || 24_576n });
          world.changed("relays");
        });
      }
      world.changed("relays");
      return hosted;
    },
  };
}
