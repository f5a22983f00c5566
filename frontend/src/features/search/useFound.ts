import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNear } from "../../lib/near";
import { useApi, useRested } from "../../live";

/** While older messages are still read in, what was found is looked up again. */
const INDEXING_MS = 2000;

/** The best of each sort for what is typed. isFresh: it is the answer to this very text. */
export function useFound(ws: string, text: string, limit = 6) {
  const api = useApi();
  const wanted = useRested(text.trim());
  const near = useNear(ws);
  const asked = useQuery({
    queryKey: ["chat", "search", "find", ws, wanted, limit, near],
    queryFn: ({ signal }) => api.search.find({ workspaceId: ws, text: wanted, limit, nearKeys: [...near] }, { signal }),
    enabled: wanted !== "",
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.indexing ? INDEXING_MS : false),
    staleTime: 10_000,
    gcTime: 30_000,
  });
  const empty = text.trim() === "";
  return {
    data: empty || wanted === "" ? undefined : asked.data,
    error: asked.error,
    isFresh: empty || (wanted === text.trim() && !asked.isPlaceholderData && (asked.data !== undefined || asked.isError)),
  };
}

export interface Question {
  readonly text: string;
  readonly person: string;
  readonly conversation: string;
  /** Days as "2026-01-31"; "" is open. Both are included. */
  readonly since: string;
  readonly until: string;
  readonly file: boolean;
}

export const isEmpty = (question: Question) =>
  question.text.trim() === "" && question.person === "" && question.conversation === "" && question.since === "" && question.until === "" && !question.file;

/** Midnight of a day where this person is, as many days later; 0 for none. */
export function midnight(day: string, later = 0): bigint {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!parts) return 0n;
  const time = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + later).getTime();
  return Number.isFinite(time) && time > 0 ? BigInt(time) : 0n;
}

/** Messages that a question finds, newest first, page by page. */
export function useFoundMessages(ws: string, question: Question) {
  const api = useApi();
  const asked = { ...question, text: useRested(question.text.trim()) };
  return useInfiniteQuery({
    queryKey: ["chat", "search", "messages", ws, asked],
    queryFn: ({ pageParam, signal }) => api.search.findMessages({
      workspaceId: ws, text: asked.text, personId: asked.person, conversationId: asked.conversation,
      fromUnixMs: midnight(asked.since), untilUnixMs: midnight(asked.until, 1), hasFile: asked.file, cursor: pageParam,
    }, { signal }),
    initialPageParam: "",
    getNextPageParam: (last) => (last.nextCursor === "" ? undefined : last.nextCursor),
    refetchInterval: ({ state }) => (state.data?.pages[0]?.indexing ? INDEXING_MS : false),
    enabled: !isEmpty(asked),
    placeholderData: keepPreviousData,
  });
}
