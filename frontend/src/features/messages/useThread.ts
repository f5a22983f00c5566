import { useQuery } from "@tanstack/react-query";
import { useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { Message } from "../../api";
import { useApi, useTopic } from "../../live";
import { lastReplies } from "./threadPages";

const FIRST = 50;
const STEP = 200;
const NONE: Message[] = [];

/** The replies of a thread that are shown: the last ones, more of them as one asks, and back to the one that is looked for. */
export function useThread(conversationId: string, threadId: string, sought: string, log: RefObject<HTMLElement | null>) {
  const api = useApi();
  const [wanted, setWanted] = useState(FIRST);
  const { data, error, refetch } = useQuery({
    queryKey: ["thread", conversationId, threadId, wanted, sought],
    queryFn: () => lastReplies((page) => api.threads.thread({ conversationId, threadId, ...page }), wanted, sought),
    placeholderData: (before) => before,
  });
  useTopic(`chat:${conversationId}`, () => void refetch());
  const messages = data?.messages ?? NONE;
  // What was first stays where it is on the screen when others come before it.
  const held = useRef<{ id: string; top: number } | null>(null);
  const row = (id: string) => log.current?.querySelector(`[data-message="${CSS.escape(id)}"]`);
  const first = messages[0]?.id;
  useLayoutEffect(() => {
    const was = held.current;
    if (!was || was.id === first) return;
    held.current = null;
    const now = row(was.id);
    if (now && log.current) log.current.scrollTop += now.getBoundingClientRect().top - was.top;
  });
  const earlier = () => {
    const top = first === undefined ? undefined : row(first)?.getBoundingClientRect().top;
    if (first !== undefined && top !== undefined) held.current = { id: first, top };
    setWanted(Math.max(wanted, messages.length) + STEP);
  };
  return { data, error, refetch, messages, earlier };
}
