import { QueryObserver, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";
import type { Api, Connection, ConnectionsResponse } from "../api";
import { useApi } from "./context";
import { connectionsQuery, keys } from "./queries";

// Thousands of colleagues may come and go. What is worked out of the links is worked out once for all that show it, and a row that shows
// one person is drawn again only when that person came or went.

export interface Presence {
  readonly people: ReadonlyMap<string, Connection>;
  readonly devices: ReadonlyMap<string, Connection>;
}

const NOBODY: Presence = { people: new Map(), devices: new Map() };

function presenceOf({ connections }: ConnectionsResponse): Presence {
  return {
    // Of several devices of one person the best link speaks for all.
    people: new Map([...connections].sort((a, b) => linkRank(b.via) - linkRank(a.via)).map((connection) => [connection.personId, connection])),
    devices: new Map(connections.map((connection) => [connection.deviceId, connection])),
  };
}

/** Better links first; one of a kind that this screen does not know counts as direct. */
function linkRank(via: string): number {
  return via === "lan" ? 0 : via === "relayed" ? 2 : 1;
}

/** Follows the links for as long as somebody looks, and tells each only of whom they look at. */
class PresenceStore {
  private readonly observer: QueryObserver<ConnectionsResponse, Error, ConnectionsResponse, ConnectionsResponse, typeof keys.connections>;
  private readonly ofAll = new Set<() => void>();
  private readonly ofOne = new Map<string, Set<() => void>>();
  private followed: (() => void) | null = null;
  private from: ConnectionsResponse | undefined;
  private now = NOBODY;
  private before = NOBODY;

  constructor(api: Api, client: QueryClient) {
    this.observer = new QueryObserver(client, connectionsQuery(api));
  }

  readonly current = (): Presence => {
    const { data } = this.observer.getCurrentResult();
    if (data && data !== this.from) {
      this.from = data;
      this.now = presenceOf(data);
    }
    return this.now;
  };

  /** Calls a listener when anybody came or went; with a person, when that one did. */
  follow(listener: () => void, person?: string): () => void {
    const set = person === undefined ? this.ofAll : (this.ofOne.get(person) ?? new Set());
    if (person !== undefined) this.ofOne.set(person, set);
    set.add(listener);
    if (!this.followed) {
      this.followed = this.observer.subscribe(this.changed);
      this.before = this.current(); // nobody listened while others came and went
    }
    return () => {
      set.delete(listener);
      if (person !== undefined && set.size === 0 && this.ofOne.get(person) === set) this.ofOne.delete(person);
      if (this.ofAll.size > 0 || this.ofOne.size > 0) return;
      this.followed?.();
      this.followed = null;
    };
  }

  private readonly changed = (): void => {
    const was = this.before;
    const now = this.current();
    if (was === now) return;
    this.before = now;
    for (const listener of [...this.ofAll]) listener();
    for (const [person, listeners] of [...this.ofOne]) {
      if (was.people.has(person) !== now.people.has(person)) for (const listener of [...listeners]) listener();
    }
  };
}

const stores = new WeakMap<QueryClient, PresenceStore>();

function usePresenceStore(): PresenceStore {
  const api = useApi();
  const client = useQueryClient();
  let store = stores.get(client);
  if (!store) stores.set(client, (store = new PresenceStore(api, client)));
  return store;
}

/** Who is linked to this device right now. One source for the card, the dots and the directory, so that they agree. */
export function usePresence(): Presence {
  const store = usePresenceStore();
  return useSyncExternalStore(useCallback((listener) => store.follow(listener), [store]), store.current);
}

/** Whether somebody is linked to this device right now. Nobody is called "". */
export function useIsOnline(person: string): boolean {
  const store = usePresenceStore();
  const follow = useCallback((listener: () => void) => (person === "" ? () => {} : store.follow(listener, person)), [store, person]);
  return useSyncExternalStore(follow, () => person !== "" && store.current().people.has(person));
}
