import { useQuery } from "@tanstack/react-query";
import type { MessageDraftBrief } from "../api";
import { useApi } from "./context";

/** What was written and not sent, the latest first. */
function useDraftList<T>(select: (all: readonly MessageDraftBrief[]) => T) {
  const api = useApi();
  return useQuery({ queryKey: ["drafts"], queryFn: async ({ signal }) => (await api.drafts.list({}, { signal })).drafts, select }).data;
}

const ofConversations = (all: readonly MessageDraftBrief[]): ReadonlyMap<string, string> =>
  new Map(all.filter(({ threadId }) => threadId === "").map(({ conversationId, text }) => [conversationId, text]));
const NONE: ReadonlyMap<string, string> = new Map();

/** By conversation, the beginning of what was left in its field. */
export const useDrafts = (): ReadonlyMap<string, string> => useDraftList(ofConversations) ?? NONE;

/** The threads of a conversation in which something was left. */
export const useThreadsWithDrafts = (conversation: string): ReadonlySet<string> => new Set(useDraftList((all) => all.filter((one) => one.conversationId === conversation && one.threadId !== "").map(({ threadId }) => threadId)));
