import { useMemo, useSyncExternalStore } from "react";

// Favourites and recents stay on this device. Where the webview forbids storage they live until it closes.

const RECENT = 8;
const FAVOURITES = 50;
const NONE: readonly string[] = [];
const memory = new Map<string, readonly string[]>();
const listeners = new Set<() => void>();

function read(name: string): readonly string[] {
  const known = memory.get(name);
  if (known) return known;
  let found = NONE;
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(name) ?? "[]");
    if (Array.isArray(stored)) found = stored.filter((key): key is string => typeof key === "string").slice(0, FAVOURITES);
  } catch {
    // Forbidden or garbled: none.
  }
  memory.set(name, found);
  return found;
}

function write(name: string, keys: readonly string[]): void {
  memory.set(name, keys);
  try {
    localStorage.setItem(name, JSON.stringify(keys));
  } catch {
    // Full or forbidden: memory holds them.
  }
  for (const listener of listeners) listener();
}

const listen = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

const favouritesOf = (ws: string) => `roundtable.directory.favourites.${ws}`;
const recentsOf = (ws: string) => `roundtable.directory.recents.${ws}`;

export const useFavourites = (ws: string) => useSyncExternalStore(listen, () => read(favouritesOf(ws)));
export const useRecents = (ws: string) => useSyncExternalStore(listen, () => read(recentsOf(ws)));

export function toggleFavourite(ws: string, key: string): void {
  const now = read(favouritesOf(ws));
  write(favouritesOf(ws), now.includes(key) ? now.filter((other) => other !== key) : [...now, key].slice(-FAVOURITES));
}

/** Who comes first where several are found: favourites, then recents. */
export function useNear(ws: string): readonly string[] {
  const favourites = useFavourites(ws);
  const recents = useRecents(ws);
  return useMemo(() => [...new Set([...favourites, ...recents])], [favourites, recents]);
}

/** Somebody was looked at, written to or called. */
export function touch(ws: string, key: string): void {
  const now = read(recentsOf(ws));
  if (now[0] !== key) write(recentsOf(ws), [key, ...now.filter((other) => other !== key)].slice(0, RECENT));
}

const shallowOf = (ws: string) => `roundtable.directory.shallow.${ws}`;

/** Whether a department shows its own people alone, or those below it, too. It stays as it was left. */
export const useShallow = (ws: string) => useSyncExternalStore(listen, () => read(shallowOf(ws))).length > 0;

export function setShallow(ws: string, shallow: boolean): void {
  write(shallowOf(ws), shallow ? ["yes"] : NONE);
}
