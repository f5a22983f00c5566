import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation, Message, ThreadEntry } from "../../api";
import { full } from "../../lib/time";
import { useApi, useRuntime, useThreadsWithDrafts, useTopic } from "../../live";
import { Button, ErrorNote, IconButton, Waiting } from "../../ui";
import { Composer, type ComposerHandle } from "./Composer";
import { DeedsContext, useDeeds, type Deeds } from "./deeds";
import { useLimited } from "./HistoryRule";
import { EditBox } from "./EditBox";
import { ExternalMark, ExternalsLine, useCalled } from "./External";
import { MessageRow } from "./MessageRow";
import { brief } from "./names";
import { rows } from "./rows";
import styles from "./thread.module.css";
import { Typing } from "./Typing";
import { useThread } from "./useThread";

/** A thread beside its conversation, or all threads of the conversation. */
export function ThreadPanel({ conversation, thread, lit, writable, onOpen, onClose }: {
  conversation: Conversation;
  /** "" lists them. */
  thread: string;
  /** A reply that somebody looked for. */
  lit: string;
  writable: boolean;
  onOpen: (thread: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <aside
      className={styles.panel} aria-label={t(thread === "" ? "thread.list" : "thread.title")}
      onKeyDown={(event) => {
        // What opens from here closes first, and so do the words of an input method.
        const { isComposing, keyCode } = event.nativeEvent;
        if (event.key !== "Escape" || event.defaultPrevented || isComposing || keyCode === 229 || !event.currentTarget.contains(event.target as Node)) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header className={styles.head}>
        {thread !== "" && <IconButton label={t("thread.list")} onClick={() => onOpen("")}><ArrowLeft /></IconButton>}
        <h2>{t(thread === "" ? "thread.list" : "thread.title")}</h2>
        <IconButton label={t("action.close")} onClick={onClose}><X /></IconButton>
      </header>
      {thread === "" ? <ThreadList conversation={conversation} onOpen={onOpen} /> : <Replies key={thread} conversation={conversation} thread={thread} lit={lit} writable={writable} />}
    </aside>
  );
}

function ThreadList({ conversation, onOpen }: { conversation: Conversation; onOpen: (thread: string) => void }) {
  const { t, i18n } = useTranslation();
  const limited = useLimited();
  const called = useCalled();
  const api = useApi();
  const { data, error, refetch } = useQuery({ queryKey: ["threads", conversation.id], queryFn: () => api.threads.threads({ conversationId: conversation.id }) });
  useTopic(`chat:${conversation.id}`, () => void refetch());
  const drafts = useThreadsWithDrafts(conversation.id);
  if (!data) return error ? <ErrorNote cause={error} onRetry={() => void refetch()} /> : <Waiting />;
  if (data.threads.length === 0) return <p className={styles.quiet}>{t("thread.none")}</p>;
  const words = (one: ThreadEntry) => (one.first ? brief(one.first, t) : t(limited ? "history.thread" : "thread.absent"));
  return (
    <ul className={styles.list} aria-label={t("thread.list")}>
      {data.threads.map((one) => one.thread && (
        <li key={one.thread.id}>
          <button type="button" onClick={() => onOpen(one.thread!.id)}>
            <b>{one.first && !one.first.recalled && <><bdi>{one.first.personName}</bdi><ExternalMark personId={one.first.personId} brief /></>}<span>{words(one)}</span></b>
            {one.last && <span>{!one.last.recalled && <><bdi>{called(one.last.personId, one.last.personName)}</bdi>: </>}{brief(one.last, t)}</span>}
            <small>{drafts.has(one.thread.id) && <em className={styles.draft}>{t("shelf.draft")}</em>}{t("thread.replies", { count: one.thread.replies })} · {full(Number(one.thread.lastUnixMs), i18n.language)}{one.thread.unread > 0 && <em className={styles.unread}>{t("thread.unread", { count: one.thread.unread })}</em>}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Replies({ conversation, thread, lit, writable }: { conversation: Conversation; thread: string; lit: string; writable: boolean }) {
  const { t } = useTranslation();
  const limited = useLimited();
  const api = useApi();
  const runtime = useRuntime();
  const outer = useDeeds();
  const composer = useRef<ComposerHandle>(null);
  const log = useRef<HTMLDivElement>(null);
  const [reply, setReply] = useState<Message | null>(null);
  const [editing, setEditing] = useState<Message | null>(null);
  const { data, error, refetch, messages, earlier } = useThread(conversation.id, thread, lit, log);
  // What was unread when the thread was opened begins below a line.
  const [firstUnread, setFirstUnread] = useState<string | null>(null);
  if (data && firstUnread === null) setFirstUnread(data.firstUnreadId);
  const last = messages.at(-1)?.id;
  const follows = useRef(true);
  useEffect(() => {
    const row = lit !== "" ? log.current?.querySelector(`[data-message="${CSS.escape(lit)}"]`) : null;
    if (row) row.scrollIntoView({ block: "center" });
    else if (follows.current && log.current) log.current.scrollTop = log.current.scrollHeight;
  }, [last, lit]);
  const unread = data?.unread ?? 0;
  useEffect(() => {
    const tell = () => {
      if (last && unread > 0 && runtime.isWatched()) api.threads.markRead({ conversationId: conversation.id, threadId: thread, messageId: last }).catch(() => {});
    };
    tell();
    return runtime.onWatched(tell);
  }, [api, runtime, conversation.id, thread, last, unread]);
  const deeds = useMemo(() => {
    if (!outer) return null;
    const own: Deeds = {
      ...outer,
      thread,
      reply(message) {
        setEditing(null);
        setReply(message);
        composer.current?.focus();
      },
      edit(message) {
        setReply(null);
        setEditing(message);
      },
      writeAnew: (text) => composer.current?.insert(text),
      jump(id) {
        const row = log.current?.querySelector(`[data-message="${CSS.escape(id)}"]`);
        if (row) row.scrollIntoView({ block: "center" });
        else outer.jump(id);
      },
      openMenu: (message, at, back) => outer.openMenu(message, at, back, own),
    };
    return own;
  }, [outer, thread]);
  const endEdit = () => {
    setEditing(null);
    requestAnimationFrame(() => composer.current?.focus());
  };
  if (!data) return error ? <ErrorNote cause={error} onRetry={() => void refetch()} /> : <Waiting />;
  const shown = rows(messages, firstUnread ?? "", false);
  const first = data.first && rows([data.first], "", true)[0];
  return (
    <DeedsContext value={deeds}>
      <div
        ref={log} className={styles.log} role="log" aria-live="off" aria-label={t("thread.title")} tabIndex={0}
        onScroll={({ currentTarget: box }) => {
          follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < 48;
        }}
      >
        {first ? <div className={styles.first}><MessageRow row={{ ...first, message: { ...first.message, thread: undefined } as Message }} next={undefined} kind={conversation.kind} writable={writable} isSought={false} lit={false} /></div> : <p className={styles.quiet}>{t(limited ? "history.thread" : "thread.absent")}</p>}
        {data.hasBefore && <Button onClick={earlier}>{t("thread.earlier")}</Button>}
        {shown.map((row, index) => <MessageRow key={row.message.id} row={{ ...row, message: { ...row.message, alsoShown: false } as Message }} next={shown[index + 1]} kind={conversation.kind} writable={writable} isSought={false} lit={row.message.id === lit} />)}
      </div>
      <Typing conversationId={conversation.id} thread={data.threadId} />
      {writable && (conversation.mayPost || conversation.mayReply) && <ExternalsLine conversation={conversation} />}
      {editing ? (
        <EditBox
          key={editing.id} conversation={conversation} message={editing} onClose={endEdit}
          onDone={() => {
            void refetch();
            endEdit();
          }}
        />
      ) : writable && (conversation.mayPost || conversation.mayReply) && (
        <Composer
          ref={composer} conversation={conversation} name={t("thread.title")} reply={reply} onReply={setReply} thread={thread}
          onSent={() => {
            follows.current = true;
            void refetch();
          }}
          onEditLast={() => {
            const own = messages.findLast((message) => message.isMine && !message.recalled);
            if (own?.canEdit) deeds?.edit(own);
            return own?.canEdit ?? false;
          }}
        />
      )}
    </DeedsContext>
  );
}
