import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Conversation, Message } from "../../api";
import { full } from "../../lib/time";
import { unmarked } from "../../lib/markup";
import { useApi, useRuntime } from "../../live";
import type { Deeds } from "./deeds";
import { useCalled } from "./External";
import type { MenuAt } from "./MessageMenu";
import type { StretchView } from "./useStretch";

/** At most so many messages are chosen at once. */
export const MOST_CHOSEN = 100;

interface Hands {
  /** Shows what is loaded; false when it is not. */
  show: (id: string) => boolean;
  focusComposer: () => void;
  insert: (text: string) => void;
  openThread: (id: string) => void;
}

/** What is being done with the messages of a conversation, and the deeds themselves. */
export function useMessageDeeds(conversation: Conversation, view: StretchView, hands: Hands) {
  const api = useApi();
  const runtime = useRuntime();
  const { language } = useTranslation().i18n;
  const [reply, setReply] = useState<Message | null>(null);
  const [editing, setEditing] = useState<Message | null>(null);
  const [recalling, setRecalling] = useState<Message | null>(null);
  const [menu, setMenu] = useState<MenuAt | null>(null);
  const [emoji, setEmoji] = useState<{ message: Message; at: HTMLElement } | null>(null);
  const [reactions, setReactions] = useState<Message | null>(null);
  const [forwarding, setForwarding] = useState<{ readonly messages: readonly Message[]; readonly asOne: boolean } | null>(null);
  const [selection, setSelection] = useState<ReadonlyMap<string, Message> | null>(null);
  const [said, setSaid] = useState<{ key: "copied" | "forwarded" | "gone"; count: number } | null>(null);
  const conversationId = conversation.id;
  const { show, toPlace } = view;

  const change = useMutation({ mutationFn: (deed: () => Promise<Message | undefined>) => deed(), onSuccess: (message) => message && show(message) });
  const called = useCalled();
  const latest = useRef({ hands, mutate: change.mutate, called });
  useEffect(() => {
    latest.current = { hands, mutate: change.mutate, called };
  });
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(null), 4000);
    return () => clearTimeout(timer);
  }, [said]);

  const jump = useCallback(async (id: string) => {
    if (latest.current.hands.show(id)) return;
    try {
      if (!(await toPlace({ around: id }))) setSaid({ key: "gone", count: 1 });
    } catch {
      setSaid({ key: "gone", count: 1 });
    }
  }, [toPlace]);

  const deeds = useMemo<Deeds>(() => ({
    thread: "",
    reply(message) {
      setEditing(null);
      setReply(message);
      latest.current.hands.focusComposer();
    },
    edit(message) {
      setReply(null);
      setEditing(message);
    },
    recall: setRecalling,
    react: (message, symbol, on) => latest.current.mutate(() => api.chat.setReaction({ conversationId, messageId: message.id, emoji: symbol, on })),
    pin: (message, on) => latest.current.mutate(async () => {
      await api.chat.pin({ conversationId, messageId: message.id, on });
      return undefined;
    }),
    forward: (messages, asOne = false) => setForwarding({ messages, asOne }),
    openThread: (id) => latest.current.hands.openThread(id),
    copy(messages) {
      const text = messages.length === 1 ? messages[0]!.text : messages.map((one) => `${latest.current.called(one.personId, one.personName)} ${full(Number(one.sentUnixMs), language)}\n${unmarked(one.text) || one.attachments.map(({ name }) => name).join("\n")}`).join("\n\n");
      runtime.copyText(text).then(() => setSaid({ key: "copied", count: messages.length }), () => {});
    },
    select(message) {
      setSelection((now) => {
        const next = new Map(now);
        if (!next.delete(message.id) && next.size < MOST_CHOSEN) next.set(message.id, message);
        return next;
      });
    },
    jump: (id) => void jump(id),
    openMenu: (message, at, back, by) => setMenu({ message, at, back, by }),
    openEmoji: (message, at) => setEmoji({ message, at }),
    openReactions: setReactions,
    writeAnew: (text) => latest.current.hands.insert(text),
  }), [api, runtime, language, conversationId, jump]);

  return {
    deeds, reply, setReply, editing, setEditing, recalling, setRecalling, menu, setMenu, emoji, setEmoji, reactions, setReactions, forwarding, setForwarding, selection, setSelection, said, setSaid,
    failed: change.error, dismiss: change.reset,
  };
}

export type MessageDeeds = ReturnType<typeof useMessageDeeds>;
