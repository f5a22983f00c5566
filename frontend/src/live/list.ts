import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import type { Api, Conversation, ListResponse } from "../api";
import { useApi } from "./context";

// Somebody may have 5,000 conversations. The first of them are shown before the others have come, and from then on only
// what changed comes; what did not change stays the very same object, so that its row is not drawn again.

/** What a screen shows at first. */
const FIRST = 100;
/** So many come at a time after that: reading more at once would make the page stand still. */
const PART = 500;

export interface ConversationRows {
  readonly conversations: readonly Conversation[];
  /** What the program calls the state that this is. */
  readonly since: string;
  /** More are on their way. */
  readonly partly: boolean;
}

export const listKey = (ws: string) => ["chat", ws] as const;

const loads = new WeakMap<QueryClient, Map<string, Promise<ConversationRows>>>();

/** All of it, the first at once. A change that is told meanwhile does not begin it anew: what changed is asked for at its end. */
function loadAll(api: Api, client: QueryClient, ws: string): Promise<ConversationRows> {
  const running = loads.get(client) ?? new Map<string, Promise<ConversationRows>>();
  loads.set(client, running);
  const known = running.get(ws);
  if (known) return known;
  const load = (async () => {
    const first = await api.conversations.list({ workspaceId: ws, limit: FIRST });
    let all = first.conversations;
    if (all.length < first.total) client.setQueryData<ConversationRows>(listKey(ws), { conversations: all, since: first.since, partly: true });
    while (all.length < first.total) {
      const part = await api.conversations.list({ workspaceId: ws, offset: all.length, limit: PART });
      if (part.conversations.length === 0) break;
      all = [...all, ...part.conversations];
    }
    return { conversations: [...new Map(all.map((one) => [one.id, one])).values()], since: first.since, partly: false };
  })().finally(() => running.delete(ws));
  running.set(ws, load);
  return load;
}

/** Puts what changed into what was there; null when something is gone, or was missed, which only all of it shows. */
export function merge(held: ConversationRows, answer: Pick<ListResponse, "conversations" | "since" | "total" | "whole">): ConversationRows | null {
  if (answer.whole) return answer.conversations.length === answer.total ? { conversations: answer.conversations, since: answer.since, partly: false } : null;
  if (answer.conversations.length === 0) return held.conversations.length === answer.total ? (held.since === answer.since ? held : { ...held, since: answer.since }) : null;
  const all = new Map(held.conversations.map((one) => [one.id, one]));
  for (const one of answer.conversations) all.set(one.id, one);
  return all.size === answer.total ? { conversations: inOrder([...all.values()]), since: answer.since, partly: false } : null;
}

/** The pinned ones in their order, then the others, latest first: as the program lists them. */
function inOrder(all: Conversation[]): Conversation[] {
  const pinned = (one: Conversation) => one.kept?.pinned || Number.MAX_SAFE_INTEGER;
  return all.sort((a, b) => pinned(a) - pinned(b) || Number(b.lastUnixMs - a.lastUnixMs) || (a.id < b.id ? -1 : 1));
}

async function look(api: Api, client: QueryClient, ws: string): Promise<ConversationRows> {
  let held = client.getQueryData<ConversationRows>(listKey(ws));
  let last: ConversationRows | undefined;
  // A list that conversations left while it was read is read again, a few times; the next change asks anyway.
  for (let tries = 0; tries < 3; tries++) {
    if (!held || held.partly) {
      held = last = await loadAll(api, client, ws);
      if (held.conversations.length <= FIRST) return held; // one answer had all
    }
    const now = merge(held, await api.conversations.list({ workspaceId: ws, since: held.since, limit: FIRST }));
    if (now) return now;
    held = undefined;
  }
  return last ?? loadAll(api, client, ws);
}

function useList<T>(ws: string, select: (listed: ConversationRows) => T) {
  const api = useApi();
  const client = useQueryClient();
  return useQuery({ queryKey: listKey(ws), queryFn: () => look(api, client, ws), structuralSharing: false, select });
}

const conversationsOf = ({ conversations }: ConversationRows) => conversations;

export function useConversations(ws: string) {
  return useList(ws, conversationsOf);
}

const isPartly = ({ partly }: ConversationRows) => partly;

/** More conversations are on their way. */
export function useListComing(ws: string): boolean {
  return useList(ws, isPartly).data ?? false;
}
