import { useQuery } from "@tanstack/react-query";
import type { MessageDraftBrief } from "../api";
import { useApi } from "./context";

/** What was written and not sent, the latest first. */
function useDraftList<T>(select: (all: readonly MessageDraftBrief[]) => T) {
  const api = useApi();
  return useQuery({ queryKey: ["drafts"], queryFn: async ({ signal }) => (await api.drafts.list({}, { signal })).drafts, select }).data;
}

/** The beginning of what was left in the field of a conversation; undefined where nothing was. */
export const useDraftOf = (conversation: string): MessageDraftBrief | undefined => useDraftList((all) => all.find((one) => one.conversationId === conversation && one.threadId === ""));

/** The threads of a conversation in which something was left. */
export const useThreadsWithDrafts = (conversation: string): ReadonlySet<string> => new Set(useDraftList((all) => all.filter((one) => one.conversationId === conversation && one.threadId !== "").map(({ threadId }) => threadId)));
