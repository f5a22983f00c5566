import { useEffect, useState } from "react";
import type { Conversation } from "../../api";
import { findConversations } from "./local";

/** The page stands still for no longer than this at a time. */
const PART_MS = 8;
const NONE: readonly Conversation[] = [];

/** Conversations by the name that is typed, looked for in parts. isFresh: it is the answer to this very text; else to the one before. */
export function useNamed(conversations: readonly Conversation[] = NONE, everyone: string, query: string): { best: readonly Conversation[]; isFresh: boolean } {
  const text = query.trim();
  const [found, setFound] = useState({ text: "", best: NONE });
  useEffect(() => {
    const search = findConversations(text === "" ? NONE : conversations, everyone, text);
    let timer = 0;
    const goOn = () => {
      const end = performance.now() + PART_MS;
      let step = search.next();
      while (!step.done && performance.now() < end) step = search.next();
      if (step.done) setFound({ text, best: step.value });
      else timer = window.setTimeout(goOn);
    };
    goOn();
    return () => clearTimeout(timer);
  }, [conversations, everyone, text]);
  return { best: found.best, isFresh: found.text === text };
}
