import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../../api";
import { useApi } from "../../live";
import { conversationName } from "./names";
import { isArchived, isMuted, isPinned } from "./shelf";

/** How long one may take a deed back. */
const SAID_MS = 8000;

interface Said {
  readonly words: string;
  readonly undo: () => Promise<unknown>;
}

/** How conversations stand in one's own list, and how to take that back. */
export function useShelf(conversations: readonly Conversation[]) {
  const { t } = useTranslation();
  const api = useApi();
  const client = useQueryClient();
  const [said, setSaid] = useState<Said | null>(null);
  const change = useMutation({
    mutationFn: ({ deed }: { deed: () => Promise<unknown>; said: Said | null }) => deed(),
    onSuccess: (_, { said: next }) => {
      setSaid(next);
      void client.invalidateQueries({ queryKey: ["chat"] });
    },
  });
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);

  const pinned = conversations.filter(isPinned);
  const placeOf = (one: Conversation) => pinned.findIndex(({ id }) => id === one.id) + 1;
  const pinAt = (one: Conversation, on: boolean, position = 0) => () => api.conversations.setPinned({ conversationId: one.id, on, position });
  const muteAs = (one: Conversation, untilUnixMs: bigint, everyone: boolean) => () => api.conversations.setMuted({ conversationId: one.id, untilUnixMs, everyone });
  const say = (key: "pinned" | "unpinned" | "muted" | "unmuted" | "archived" | "unarchived" | "moved", one: Conversation, undo: () => Promise<unknown>): Said =>
    ({ words: t(`shelf.said.${key}`, { name: conversationName(one, t) }), undo });

  return {
    pinned,
    placeOf,
    said,
    failed: change.error,
    undo: () => said && change.mutate({ deed: said.undo, said: null }),
    dismiss() {
      setSaid(null);
      change.reset();
    },
    pin(one: Conversation, on: boolean) {
      const before = placeOf(one);
      change.mutate({ deed: pinAt(one, on), said: say(on ? "pinned" : "unpinned", one, pinAt(one, !on, before)) });
    },
    /** To a place from 1 among the pinned ones. */
    move(one: Conversation, to: number) {
      const before = placeOf(one);
      if (before === 0 || to < 1 || to > pinned.length || to === before) return;
      change.mutate({ deed: pinAt(one, true, to), said: say("moved", one, pinAt(one, true, before)) });
    },
    mute(one: Conversation, until: Date | "always" | "never", everyone = one.kept?.everyone ?? false) {
      const was = isMuted(one) ? one.kept!.mutedUntilUnixMs : 0n;
      const next = until === "always" ? -1n : until === "never" ? 0n : BigInt(until.getTime());
      change.mutate({ deed: muteAs(one, next, everyone), said: say(next === 0n ? "unmuted" : "muted", one, muteAs(one, was, one.kept?.everyone ?? false)) });
    },
    /** Whether mentions of everybody make a notice while it is muted. */
    everyone: (one: Conversation, on: boolean) => change.mutate({ deed: muteAs(one, one.kept?.mutedUntilUnixMs ?? 0n, on), said: null }),
    archive(one: Conversation) {
      const on = !isArchived(one);
      const place = placeOf(one);
      const set = (to: boolean) => () => api.conversations.setArchived({ conversationId: one.id, on: to });
      const back = async () => {
        await set(!on)();
        if (place > 0) await pinAt(one, true, place)();
      };
      change.mutate({ deed: set(on), said: say(on ? "archived" : "unarchived", one, back) });
    },
  };
}

export type Shelf = ReturnType<typeof useShelf>;
