import { useState } from "react";

const kept = new Map<string, unknown>();

/** A state that is found again when its page was left and comes back, until the window closes. Names are used once. */
export function useKept<T>(name: string, initial: T): [T, (next: T) => void] {
  const [value, setValue] = useState(() => (kept.has(name) ? (kept.get(name) as T) : initial));
  const keep = (next: T) => {
    kept.set(name, next);
    setValue(next);
  };
  return [value, keep];
}
