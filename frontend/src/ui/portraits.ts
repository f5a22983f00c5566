import { createContext, useCallback, useContext, useSyncExternalStore } from "react";

/** Where the pictures of people come from. The kit asks for no data: who draws the frame says. */
export interface PortraitSource {
  /** Wants the picture of whoever an ID names, and hears of another one. */
  subscribe(id: string, listener: () => void): () => void;
  /** Where it can be read; undefined without one. */
  path(id: string): string | undefined;
}

const NONE: PortraitSource = { subscribe: () => () => {}, path: () => undefined };

export const PortraitContext = createContext<PortraitSource>(NONE);

export function usePortrait(id: string): string | undefined {
  const source = useContext(PortraitContext);
  const subscribe = useCallback((listener: () => void) => source.subscribe(id, listener), [source, id]);
  return useSyncExternalStore(subscribe, () => source.path(id));
}
