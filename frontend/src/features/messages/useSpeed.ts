import { useEffect, useState } from "react";

/** Steps closer than this say nothing about speed. */
const EVERY_MS = 900;

interface Place {
  readonly at: number;
  readonly done: number;
  /** Bytes a second; 0 while that is not known. */
  readonly speed: number;
}

/** Goes on from a place that was measured: new steps count for half, so that the number does not flicker. */
export function onward(before: Place | null, done: number, now: number): Place {
  if (!before || done < before.done) return { at: now, done, speed: 0 };
  if (now - before.at < EVERY_MS) return before;
  const fresh = ((done - before.done) * 1000) / (now - before.at);
  return { at: now, done, speed: before.speed === 0 ? fresh : (before.speed + fresh) / 2 };
}

/** Bytes a second of something that moves; 0 while that is not known, or it stands. */
export function useSpeed(done: number, moves: boolean): number {
  const [place, setPlace] = useState<Place | null>(null);
  useEffect(() => {
    setPlace((before) => (moves ? onward(before, done, performance.now()) : null));
  }, [done, moves]);
  return place?.speed ?? 0;
}
