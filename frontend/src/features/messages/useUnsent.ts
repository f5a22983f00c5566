import { useEffect, useRef, useState } from "react";
import type { Message } from "../../api";
import type { MentionOf } from "../../lib/mentions";
import { useApi, useRuntime } from "../../live";
import { keeperOf, type Keeper, type Left } from "./unsent";

const AGAIN_MS = 3000;

interface Field {
  readonly conversationID: string;
  readonly thread: string;
  readonly text: string;
  readonly reply: Message | null;
  readonly mentions: (text: string) => MentionOf[];
  /** Puts back what was left here. */
  readonly onLeft: (left: Left) => void;
}

/** Keeps what stands in a field with the program, and puts it back when the field is opened again. */
export function useUnsent({ conversationID, thread, text, reply, mentions, onLeft }: Field): Keeper {
  const api = useApi();
  const runtime = useRuntime();
  const [keeper] = useState(() => keeperOf(api, conversationID, thread));
  const latest = useRef({ onLeft, mentions });
  const left = useRef<readonly MentionOf[]>([]);
  const [come, setCome] = useState(0);
  useEffect(() => {
    latest.current = { onLeft, mentions };
  });
  useEffect(() => {
    let gone = false;
    let again: ReturnType<typeof setTimeout> | undefined;
    const load = () => void keeper.load().then((found) => {
      if (gone) return;
      left.current = found.mentions;
      latest.current.onLeft(found);
      setCome((times) => times + 1);
    }, () => {
      if (!gone) again = setTimeout(load, AGAIN_MS);
    });
    load();
    const flush = () => void keeper.flush();
    const end = runtime.onWatched((watched) => !watched && flush());
    window.addEventListener("pagehide", flush);
    return () => {
      gone = true;
      clearTimeout(again);
      end();
      window.removeEventListener("pagehide", flush);
      keeper.leave();
    };
  }, [keeper, runtime]);
  const replyID = reply?.id ?? "";
  useEffect(() => {
    const now = latest.current.mentions(text);
    // Who is in the conversation may not be known yet.
    const before = left.current.filter(({ label }) => text.includes(`@${label}`) && !now.some((one) => one.label === label));
    keeper.change({ text, reply: replyID, mentions: [...now, ...before] });
    // Also once what was left has come: what was typed before was not kept until then.
  }, [keeper, text, replyID, come]);
  return keeper;
}
