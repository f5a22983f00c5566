import { useCallback, useEffect, useReducer, useRef } from "react";
import type { Message } from "../../api";
import { onSought, takeSought } from "../../lib/routes";
import { useApi, useTopic } from "../../live";
import { reach } from "./reach";
import { append, frontFirst, fromPage, overlay, patch, prepend, update, type Stretch } from "./window";

const PAGE = 60;
const MOST = 200;

export interface OpenStretch extends Stretch {
  /** First message that was unread when the conversation was opened. */
  readonly firstUnreadID: string;
  /** The message that somebody wanted to see here, "" when none. */
  readonly soughtID: string;
  /** Changes whenever the view has to take its place anew. */
  readonly placed: number;
  /** How many were unread when it was opened. */
  readonly unread: number;
  /** Where that place is, when somebody asked for one. */
  readonly targetID: string;
}

/** A message by its ID, or the first one at a time. */
export type Place = { readonly around: string } | { readonly aroundUnixMs: bigint };

interface State {
  stretch: OpenStretch | null;
  error: unknown;
}

/** Loads a conversation from its first unread message, in both directions, and follows its topic. */
export function useStretch(conversationID: string, onThread?: (thread: string, reply: string) => void) {
  const api = useApi();
  // What is looked for may stand in a thread alone.
  const leads = useRef(onThread);
  useEffect(() => {
    leads.current = onThread;
  });
  const state = useRef<State>({ stretch: null, error: null });
  const busy = useRef({ before: false, after: false, refresh: false, again: false });
  const alive = useRef(0);
  const refreshSoon = useRef(() => Promise.resolve());
  const [, render] = useReducer((count: number) => count + 1, 0);

  const put = useCallback((next: Stretch, how: Partial<Pick<OpenStretch, "firstUnreadID" | "soughtID" | "placed" | "targetID" | "unread">> = {}) => {
    const last = state.current.stretch;
    state.current = {
      error: null,
      stretch: {
        ...next,
        firstUnreadID: how.firstUnreadID ?? last?.firstUnreadID ?? "",
        soughtID: how.soughtID ?? last?.soughtID ?? "",
        placed: how.placed ?? last?.placed ?? 0,
        unread: how.unread ?? last?.unread ?? 0,
        targetID: how.targetID ?? last?.targetID ?? "",
      },
    };
    render();
  }, []);

  const ask = useCallback(async (what: { before?: string; after?: string; aroundUnread?: boolean; limit?: number } | Place) => {
    const life = alive.current;
    const page = await reach(() => api.chat.messages({ conversationId: conversationID, limit: PAGE, ...what }), () => life === alive.current);
    return life === alive.current ? page : null;
  }, [api, conversationID]);

  const place = useCallback(async (aroundUnread: boolean, sought = "") => {
    try {
      const page = await ask(sought === "" ? { aroundUnread } : { around: sought });
      if (!page) return;
      // Who is led past the first unread message finds back to it; who goes to the newest leaves it.
      put(fromPage(page), { firstUnreadID: aroundUnread || sought !== "" ? page.firstUnreadId : "", unread: page.unread, soughtID: sought === "" ? "" : page.foundId, targetID: "", placed: (state.current.stretch?.placed ?? 0) + 1 });
      if (page.inThreadId !== "") leads.current?.(page.inThreadId, sought);
      // What changed while the first page was on its way may be missing from it.
      if (busy.current.again) {
        busy.current.again = false;
        void refreshSoon.current();
      }
    } catch (error) {
      state.current = { ...state.current, error };
      render();
    }
  }, [ask, put]);

  useEffect(() => {
    void place(true, takeSought(conversationID));
    const forget = onSought(() => {
      const sought = takeSought(conversationID);
      if (sought !== undefined) void place(false, sought);
    });
    const lives = alive;
    return () => {
      forget();
      lives.current++;
    };
  }, [place, conversationID]);

  const loadBefore = useCallback(async () => {
    const first = state.current.stretch?.messages[0];
    if (busy.current.before || !first || !state.current.stretch?.hasBefore) return;
    busy.current.before = true;
    try {
      const page = await ask({ before: first.cursor });
      if (page && state.current.stretch) put(prepend(state.current.stretch, page));
    } catch {
      // Asked again at the next scroll.
    } finally {
      busy.current.before = false;
    }
  }, [ask, put]);

  const loadAfter = useCallback(async () => {
    const last = state.current.stretch?.messages.at(-1);
    if (busy.current.after || !last || !state.current.stretch?.hasAfter) return;
    busy.current.after = true;
    try {
      const page = await ask({ after: last.cursor });
      if (page && state.current.stretch) put(append(state.current.stretch, page));
    } catch {
      // Asked again at the next scroll.
    } finally {
      busy.current.after = false;
    }
  }, [ask, put]);

  // Who has scrolled far back sees older messages than a page holds: they are edited and recalled as well.
  const older = useCallback(async (left: number) => {
    for (let at = left; at > 0; at -= MOST) {
      const behind = state.current.stretch?.messages[at];
      const page = behind ? await ask({ before: behind.cursor, limit: Math.min(MOST, at) }) : null;
      if (!page || !state.current.stretch) return;
      put(patch(state.current.stretch, page.messages));
    }
  }, [ask, put]);

  const refresh = useCallback(async () => {
    const now = state.current.stretch;
    if (!now || busy.current.refresh) {
      busy.current.again = true;
      return;
    }
    busy.current.refresh = true;
    try {
      if (now.hasAfter) {
        const [from] = now.messages.slice(-MOST);
        const page = from ? await ask({ after: from.cursor, limit: MOST }) : null;
        if (page && state.current.stretch) put(update(state.current.stretch, page));
        await older(Math.max(1, now.messages.length - MOST + 1));
      } else {
        const page = await ask({ limit: Math.min(MOST, Math.max(PAGE, now.messages.length + 20)) });
        const current = state.current.stretch;
        const next = page && current ? (overlay(current, page) ?? { ...current, hasAfter: true }) : null;
        if (next && current) {
          const front = frontFirst(current, next);
          put(front ?? next);
          if (front) busy.current.again = true;
        }
        await older(now.messages.length - (page?.messages.length ?? 0));
      }
    } catch {
      // The next change asks again.
    } finally {
      busy.current.refresh = false;
      if (busy.current.again) {
        busy.current.again = false;
        setTimeout(() => void refresh(), 0);
      }
    }
  }, [ask, older, put]);
  useEffect(() => {
    refreshSoon.current = refresh;
  }, [refresh]);
  useTopic(`chat:${conversationID}`, () => void refresh());

  /** Leaves what is loaded and shows a place; says whether there is one. */
  const toPlace = useCallback(async (where: Place) => {
    const page = await ask(where);
    if (!page) return true;
    if (page.inThreadId !== "") leads.current?.(page.inThreadId, "around" in where ? where.around : "");
    if (page.foundId === "") return page.inThreadId !== "";
    put(fromPage(page), { targetID: page.foundId, soughtID: "", placed: (state.current.stretch?.placed ?? 0) + 1 });
    return true;
  }, [ask, put]);

  return {
    ...state.current,
    toPlace,
    /** Shows at once what a command answered. */
    show: useCallback((message: Message) => {
      if (state.current.stretch) put(patch(state.current.stretch, [message]));
    }, [put]),
    loadBefore,
    loadAfter,
    refresh,
    /** Leaves what is loaded and shows the newest messages. */
    toLatest: useCallback(() => place(false), [place]),
    retry: useCallback(() => place(true), [place]),
  };
}

export type StretchView = ReturnType<typeof useStretch>;
