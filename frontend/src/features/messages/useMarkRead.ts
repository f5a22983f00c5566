import { useEffect, useRef } from "react";
import type { Conversation, Message } from "../../api";
import { useApi, useRuntime } from "../../live";

const RETRY_MS = 3000;

/** Marks as read what is in view, while a person can be looking. */
export function useMarkRead(conversation: Conversation, messages: readonly Message[]) {
  const api = useApi();
  const runtime = useRuntime();
  const furthest = useRef<string | undefined>(undefined);
  const told = useRef<string | undefined>(undefined);
  const position = (id: string | undefined) => (id === undefined ? -1 : messages.findLastIndex((message) => message.id === id));

  const tell = () => {
    const id = furthest.current;
    if (id === undefined || conversation.unread - conversation.unreadInThreads <= 0 || !runtime.isWatched()) return;
    if (position(id) <= position(told.current)) return;
    told.current = id;
    api.chat.markRead({ conversationId: conversation.id, messageId: id }).catch(() => {
      if (told.current === id) told.current = undefined;
      setTimeout(() => newest.current(), RETRY_MS);
    });
  };
  const newest = useRef(tell);
  useEffect(() => {
    newest.current = tell;
  });
  useEffect(() => runtime.onWatched((watched) => watched && newest.current()), [runtime]);
  useEffect(() => newest.current(), [conversation.unread]);

  return {
    seen(id: string | undefined) {
      if (position(id) > position(furthest.current)) furthest.current = id;
      tell();
    },
  };
}
