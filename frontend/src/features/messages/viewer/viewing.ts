import { useSyncExternalStore } from "react";
import type { Place } from "./around";

// What is looked at now. It outlives the row that it was opened from: a list takes rows away that one does not see.
let now: Place | null = null;
const listeners = new Set<() => void>();

export function look(place: Place | null): void {
  now = place;
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What is looked at in a conversation. */
export function useViewing(conversationID: string): Place | null {
  const place = useSyncExternalStore(subscribe, () => now);
  return place?.message.conversationId === conversationID ? place : null;
}
