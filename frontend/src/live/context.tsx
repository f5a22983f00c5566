import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useRef, useState, type ReactNode } from "react";
import type { Api } from "../api";
import { ALL, type Runtime } from "../runtime";
import { coalesce } from "./coalesce";

interface Live {
  readonly api: Api;
  readonly runtime: Runtime;
  /** Called with the topic's name when it may have changed. */
  follow(topic: string, listener: () => void): () => void;
}

const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("useLive outside LiveProvider");
  return live;
}

export const useApi = (): Api => useLive().api;
export const useRuntime = (): Runtime => useLive().runtime;

/** The first element of every query key is its topic, so a change of topics says which queries to ask again. */
export function invalidate(client: QueryClient, topics: ReadonlySet<string>): void {
  const concerned = client.getQueryCache().findAll({
    predicate: (query) => topics.has(ALL) || topics.has(String(query.queryKey[0])),
  });
  for (const query of concerned) {
    const { queryKey } = query;
    const again = () => void client.invalidateQueries({ queryKey, exact: true });
    // The very first answer may be older than the change, and it is not asked for twice at a time: ask after it.
    if (query.state.data === undefined && query.state.fetchStatus === "fetching") query.fetch().then(again, () => {});
    else again();
  }
}

export function LiveProvider({ api, runtime, children }: { api: Api; runtime: Runtime; children: ReactNode }) {
  const client = useQueryClient();
  const [followers] = useState(() => new Map<string, Set<() => void>>());
  const [live] = useState<Live>(() => ({
    api,
    runtime,
    follow(topic, listener) {
      const set = followers.get(topic) ?? new Set();
      followers.set(topic, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && followers.get(topic) === set) followers.delete(topic);
      };
    },
  }));

  useEffect(() => {
    const push = coalesce((topics) => {
      invalidate(client, topics);
      for (const [topic, listeners] of followers) {
        if (topics.has(topic) || topics.has(ALL)) for (const listener of [...listeners]) listener();
      }
    });
    return runtime.onChanged(push);
  }, [client, followers, runtime]);

  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

/** Calls the newest `listener` whenever the topic changed. */
export function useTopic(topic: string, listener: () => void): void {
  const { follow } = useLive();
  const newest = useRef(listener);
  useEffect(() => {
    newest.current = listener;
  });
  useEffect(() => follow(topic, () => newest.current()), [follow, topic]);
}
