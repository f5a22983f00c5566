import { useEffect, useRef, useState } from "react";
import type { CallReaction } from "../../../api";

const SHOWN_MS = 5_000;

/** The emoji over each tile, for a few seconds after it arrived here: clocks of others may be wrong. */
export function useEmoji(reactions: readonly CallReaction[]): ReadonlyMap<string, string> {
  const [shown, setShown] = useState<ReadonlyMap<string, string>>(new Map());
  const seen = useRef<Set<string> | null>(null);
  useEffect(() => {
    const name = (one: CallReaction) => `${one.deviceId}/${one.unixMs}/${one.emoji}`;
    const known = seen.current;
    seen.current = new Set(reactions.map(name));
    // What was there when the page opened is old.
    const fresh = known ? reactions.filter((one) => !known.has(name(one))) : [];
    if (fresh.length === 0) return;
    setShown((before) => new Map([...before, ...fresh.map((one) => [one.deviceId, one.emoji] as const)]));
    setTimeout(() => setShown((before) => new Map([...before].filter(([device, emoji]) => !fresh.some((one) => one.deviceId === device && one.emoji === emoji)))), SHOWN_MS);
  }, [reactions]);
  return shown;
}
