import { useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type Ref } from "react";
import { useTranslation } from "react-i18next";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import type { Conversation } from "../../api";
import { day } from "../../lib/time";
import { useRuntime } from "../../live";
import { ConversationStart } from "./ConversationStart";
import styles from "./conversation.module.css";
import { Jumps } from "./Jumps";
import { MessageRow } from "./MessageRow";
import { rows } from "./rows";
import { useMarkRead } from "./useMarkRead";
import type { OpenStretch, StretchView } from "./useStretch";
import { movedInFront, START } from "./window";

export interface MessageListHandle {
  /** Stays with the newest message from now on. */
  followNewest(): void;
  /** Shows a message that is loaded; false when it is not. */
  show(id: string): boolean;
}

/** Closer than this to the end counts as reading along. */
const AT_END = 48;
/** How long a message that was looked for is lit up. */
const LIT_MS = 2400;
/** How long the line of the new ones must be in view to be seen: the list takes its place in several steps. */
const SEEN_MS = 600;
/** Rows left before more is loaded. */
const AHEAD = 12;

export function MessageList({ ref, conversation, writable, workspaceName, name, stretch, view, onJump }: {
  ref: Ref<MessageListHandle>;
  conversation: Conversation;
  writable: boolean;
  /** Shows a message, wherever it is. */
  onJump: (id: string) => void;
  workspaceName: string;
  name: string;
  stretch: OpenStretch;
  view: StretchView;
}) {
  const { t, i18n } = useTranslation();
  const runtime = useRuntime();
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const follows = useRef(false);
  const lastOffset = useRef(0);
  const [atEnd, setAtEnd] = useState(true);
  const [topDay, setTopDay] = useState<number | null>(null);
  // The first unread one lies above what is in view, and was not seen yet.
  const [unseen, setUnseen] = useState<"no" | "inView" | "below" | "above">("below");
  const [newLine, setNewLine] = useState(stretch.firstUnreadID);
  const { messages, hasBefore, hasAfter } = stretch;
  // What only threads show is below nothing here.
  const unread = conversation.unread - conversation.unreadInThreads;
  const hasStart = !hasBefore;
  const offset = hasStart ? 1 : 0;
  const shown = useMemo(() => rows(messages, newLine, !hasBefore), [messages, newLine, hasBefore]);
  const keys = useMemo(() => [...(hasStart ? [START] : []), ...messages.map((message) => message.id)], [hasStart, messages]);

  const lastKeys = useRef<readonly string[]>(keys);
  const shift = movedInFront(lastKeys.current, keys);
  const mark = useMarkRead(conversation, messages);

  const toEnd = () => list.current?.scrollToIndex(keys.length - 1, { align: "end" });
  useImperativeHandle(ref, () => ({
    followNewest() {
      follows.current = true;
      toEnd();
    },
    show(id) {
      const index = messages.findIndex((message) => message.id === id);
      if (index < 0) return false;
      point(index + offset);
      return true;
    },
  }));
  // The one that was looked for is lit up for a moment.
  const [lit, setLit] = useState("");
  const point = (index: number) => {
    follows.current = false;
    list.current?.scrollToIndex(index, { align: "center" });
    setLit(keys[index] ?? "");
  };
  useEffect(() => {
    if (lit === "") return;
    const timer = setTimeout(() => setLit(""), LIT_MS);
    return () => clearTimeout(timer);
  }, [lit]);

  const look = () => {
    const handle = list.current;
    if (!handle || keys.length === 0) return;
    const end = handle.scrollOffset + handle.viewportSize;
    const near = end >= handle.scrollSize - AT_END;
    // Only who scrolls back stops reading along. A row that has just come makes the list longer before it has moved.
    if (near && !hasAfter) follows.current = true;
    else if (hasAfter || handle.scrollOffset < lastOffset.current - 1) follows.current = false;
    lastOffset.current = handle.scrollOffset;
    setAtEnd(near && !hasAfter);
    const top = handle.findItemIndex(handle.scrollOffset + 36);
    const line = messages.findIndex((message) => message.id === newLine);
    if (unseen !== "no" && newLine !== "") {
      const inView = line >= 0 && line + offset >= top && line + offset <= handle.findItemIndex(end - 12);
      const above = line >= 0 ? line + offset < top : !hasAfter;
      setUnseen(inView ? "inView" : above ? "above" : "below");
    }
    const first = messages[Math.max(0, top - offset)];
    setTopDay(near || !first ? null : Number(first.sentUnixMs));
    if (top < AHEAD && hasBefore) void view.loadBefore();
    const bottom = handle.findItemIndex(end - 12);
    if (bottom > keys.length - AHEAD && hasAfter) void view.loadAfter();
    mark.seen(messages[bottom - offset]?.id ?? (near ? messages.at(-1)?.id : undefined));
  };

  // Takes its place once, when it is mounted: at the message that is sought, at the first unread one, else at the end.
  useLayoutEffect(() => {
    const sought = messages.findIndex((message) => message.id === stretch.soughtID);
    const target = messages.findIndex((message) => message.id === stretch.targetID);
    const unread = messages.findIndex((message) => message.id === stretch.firstUnreadID);
    if (target >= 0) point(target + offset);
    else if (sought >= 0) list.current?.scrollToIndex(sought + offset, { align: "center" });
    else if (unread >= 0) list.current?.scrollToIndex(unread + offset, { align: "start", offset: -72 });
    else {
      follows.current = true;
      toEnd();
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const lastCount = useRef(messages.length);
  useLayoutEffect(() => {
    const before = lastKeys.current;
    lastKeys.current = keys;
    const grewBehind = before.at(-1) !== keys.at(-1);
    if (grewBehind && follows.current) toEnd();
    // Messages that arrive while nobody looks begin below a new line.
    const arrived = messages.slice(messages.findIndex((message) => message.id === before.at(-1)) + 1).find((message) => !message.isMine);
    if (grewBehind && arrived && lastCount.current > 0 && !hasAfter && !runtime.isWatched() && unread <= 1) setNewLine(arrived.id);
    lastCount.current = messages.length;
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [keys]);
  useEffect(() => {
    const timer = setTimeout(look, 0);
    return () => clearTimeout(timer);
  });

  useEffect(() => {
    if (unseen !== "inView") return;
    let frame = 0;
    const end = () => setUnseen((now) => (now === "inView" ? "no" : now));
    // A page that has much to do has not measured its rows by then: two more frames, and it has.
    const timer = setTimeout(() => (frame = requestAnimationFrame(() => (frame = requestAnimationFrame(end)))), SEEN_MS);
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, [unseen]);

  const dayWords = { today: t("messages.today"), yesterday: t("messages.yesterday") };
  return (
    <div className={styles.frame}>
      {topDay !== null && <span className={styles.pill} aria-hidden>{day(topDay, Date.now(), i18n.language, dayWords)}</span>}
      <div ref={scroller} className={styles.log} role="log" aria-live="off" aria-label={t("messages.log", { name })} tabIndex={0}>
        <div className={styles.filler} />
        <Virtualizer
          ref={list} scrollRef={scroller} shift={shift} bufferSize={600}
          onScroll={look}
          onResize={() => {
            if (follows.current) toEnd();
            // Sizes are known only now; nothing scrolls when everything fits.
            look();
          }}
        >
          {[
            ...(hasStart ? [<ConversationStart key={START} conversation={conversation} workspaceName={workspaceName} incomplete={stretch.incomplete} empty={messages.length === 0} />] : []),
            ...shown.map((row, index) => <MessageRow key={row.message.id} row={row} next={shown[index + 1]} kind={conversation.kind} writable={writable} isSought={row.message.id === stretch.soughtID} lit={row.message.id === lit} />),
          ]}
        </Virtualizer>
        <div className={styles.edge} />
      </div>
      <Jumps
        above={unseen === "above" ? newLine : ""} unreadAbove={stretch.unread} mention={conversation.mentionId} atEnd={atEnd} unreadBelow={unread} onJump={onJump}
        onNewest={() => {
          if (hasAfter) void view.toLatest();
          else {
            follows.current = true;
            toEnd();
          }
        }}
      />
    </div>
  );
}
