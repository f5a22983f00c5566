import { useSyncExternalStore } from "react";
import type { Message } from "../../../api";

/** What a dialog of urgent notices was asked for, from wherever on the screen. */
export type Asked =
  | { readonly what: "send"; readonly conversation: string; readonly message: Message | null; readonly text: string; readonly onSent?: (text: string) => void }
  | { readonly what: "list" }
  | { readonly what: "one"; readonly id: string };

let asked: Asked | null = null;
const listeners = new Set<() => void>();

export function askDing(next: Asked | null): void {
  asked = next;
  for (const listener of [...listeners]) listener();
}

export function useAskedDing(): Asked | null {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, () => asked);
}
