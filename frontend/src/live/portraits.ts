import { useMemo } from "react";
import { useApi, useTopic } from "./context";

/** How many people one question is about; the program answers for 500. */
const MOST = 200;

/** Whose pictures a screen shows: what becomes visible in one moment is asked for in one question, once. */
export class Portraits {
  private readonly known = new Map<string, string>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly waiting = new Set<string>();

  constructor(private readonly ask: (people: string[]) => Promise<Readonly<Record<string, string>>>) {}

  readonly path = (id: string): string | undefined => this.known.get(id) || undefined;

  readonly subscribe = (id: string, listener: () => void): (() => void) => {
    // Only people have pictures: groups, records and those who ask to come in go by other names.
    if (!id.startsWith("per_")) return () => {};
    const all = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, all.add(listener));
    if (!this.known.has(id)) this.want(id);
    return () => {
      all.delete(listener);
      if (all.size === 0 && this.listeners.get(id) === all) this.listeners.delete(id);
    };
  };

  /** Pictures may be others now: those on screen are asked for, the rest when it is shown. */
  readonly again = (): void => {
    for (const id of this.known.keys()) if (!this.listeners.has(id)) this.known.delete(id);
    for (const id of this.listeners.keys()) this.want(id);
  };

  private want(id: string): void {
    this.waiting.add(id);
    if (this.waiting.size === 1) setTimeout(() => this.fetch(), 0);
  }

  private fetch(): void {
    const all = [...this.waiting];
    this.waiting.clear();
    for (let at = 0; at < all.length; at += MOST) {
      const people = all.slice(at, at + MOST);
      // Without an answer there are initials, until something changes.
      this.ask(people).then((paths) => people.forEach((id) => this.learn(id, paths[id] ?? "")), () => {});
    }
  }

  private learn(id: string, path: string): void {
    const before = this.known.get(id) ?? "";
    this.known.set(id, path);
    if (before !== path) for (const listener of [...(this.listeners.get(id) ?? [])]) listener();
  }
}

/** The pictures of the people of a workspace. */
export function usePortraits(ws: string): Portraits {
  const api = useApi();
  const portraits = useMemo(() => new Portraits(async (personIds) => (await api.portraits.paths({ workspaceId: ws, personIds })).paths), [api, ws]);
  useTopic("portraits", portraits.again);
  return portraits;
}
