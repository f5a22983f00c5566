import { CalendarSearch, Menu as MenuIcon, MessageSquareText, PanelRight, Phone, Video } from "lucide-react";
import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, type Conversation } from "../../api";
import { useGo } from "../../lib/routes";
import { usePresence, useRelayOfLinks, useSomeMembers, useWorkspace } from "../../live";
import { cx, ErrorNote, IconButton, useColumns, useLinkName, Waiting } from "../../ui";
import { Composer, type ComposerHandle } from "./Composer";
import styles from "./conversation.module.css";
import { ConversationFace } from "./ConversationFace";
import { DeedsContext, SelectionContext } from "./deeds";
import { LimitedContext } from "./HistoryRule";
import { DeedsLayer, Said, SelectionBar } from "./DeedsLayer";
import { EditBox } from "./EditBox";
import { JumpToDate } from "./JumpToDate";
import { MessageList, type MessageListHandle } from "./MessageList";
import { ExternalsLine } from "./External";
import { conversationName } from "./names";
import { PinStrip } from "./PinStrip";
import threads from "./thread.module.css";
import { ThreadPanel } from "./ThreadPanel";
import { Typing } from "./Typing";
import { useMessageDeeds } from "./useMessageDeeds";
import { useStretch } from "./useStretch";
import { Viewer } from "./viewer/Viewer";

export function ConversationView({ ws, conversation, details, onDetails, bare }: {
  ws: string;
  conversation: Conversation;
  details: boolean;
  onDetails: () => void;
  /** Inside of something that names it already. */
  bare?: boolean;
}) {
  const { t } = useTranslation();
  const columns = useColumns();
  const workspace = useWorkspace(ws);
  // The thread beside it, "" for the list of them; and the reply in it that is looked for.
  const [thread, setThread] = useState<{ readonly id: string; readonly lit: string } | null>(null);
  const openThread = (id: string, lit = "") => {
    setThread({ id, lit });
    if (details) onDetails();
  };
  const closeThread = () => {
    setThread(null);
    requestAnimationFrame(() => composer.current?.focus());
  };
  const view = useStretch(conversation.id, openThread);
  const list = useRef<MessageListHandle>(null);
  const name = conversationName(conversation, t);
  const composer = useRef<ComposerHandle>(null);
  const [dating, setDating] = useState(false);
  const state = useMessageDeeds(conversation, view, {
    show: (id) => list.current?.show(id) ?? false,
    focusComposer: () => composer.current?.focus(),
    insert: (text) => composer.current?.insert(text),
    openThread,
  });
  const { deeds, editing, selection } = state;
  const { refresh, toLatest } = view;
  const atNewest = view.stretch ? !view.stretch.hasAfter : true;
  const onSent = useCallback(() => {
    // One's own message is always shown, wherever one was reading.
    if (atNewest) {
      list.current?.followNewest();
      void refresh();
    } else void toLatest();
  }, [atNewest, refresh, toLatest]);

  const editLast = () => {
    const last = view.stretch?.messages.findLast((message) => message.isMine && !message.recalled);
    if (last?.canEdit) deeds.edit(last);
    return last?.canEdit ?? false;
  };
  const endEdit = () => {
    state.setEditing(null);
    requestAnimationFrame(() => composer.current?.focus());
  };

  const writable = conversation.canWrite && workspace?.active !== false;
  return (
    <LimitedContext value={conversation.history?.isLimited ?? false}><DeedsContext value={deeds}><div className={threads.split}><div className={threads.main}>
      {!bare && <header className={styles.head}>
        {columns.narrow && <IconButton label={t("action.showList")} onClick={columns.openList}><MenuIcon /></IconButton>}
        <ConversationFace conversation={conversation} name={name} size="sm" />
        <div className={styles.headText}>
          <h1><bdi>{name}</bdi></h1>
          <Subtitle ws={ws} conversation={conversation} />
        </div>
        {writable && <CallButtons ws={ws} conversation={conversation} />}
        <IconButton label={conversation.unreadInThreads > 0 ? t("thread.listUnread", { count: conversation.unreadInThreads }) : t("thread.list")} aria-pressed={thread !== null} onClick={() => (thread ? closeThread() : openThread(""))}><MessageSquareText /></IconButton>
        <IconButton label={t("depth.toDate")} onClick={() => setDating(true)}><CalendarSearch /></IconButton>
        <IconButton label={t("action.details")} aria-pressed={details} onClick={onDetails}><PanelRight /></IconButton>
      </header>}
      {!bare && <PinStrip conversation={conversation} deeds={deeds} />}
      {view.stretch ? (
        <SelectionContext value={selection && new Set(selection.keys())}>
          <MessageList
            key={view.stretch.placed} ref={list} conversation={conversation} writable={writable} workspaceName={workspace?.name ?? ""} name={name} stretch={view.stretch} view={view}
            onJump={deeds.jump}
          />
        </SelectionContext>
      ) : (
        <div className={styles.log}>{view.error ? <ErrorNote cause={view.error} onRetry={() => void view.retry()} /> : <Waiting />}</div>
      )}
      <Said state={state} />
      <Typing conversationId={conversation.id} />
      <Viewer conversationID={conversation.id} />
      {writable && (conversation.mayPost || editing) && !selection && <ExternalsLine conversation={conversation} />}
      {selection ? <SelectionBar state={state} /> : !writable ? (
        <p className={styles.closed}>{workspace?.active === false ? t("composer.inactive") : conversation.kind !== ConversationKind.GROUP ? t("composer.closed") : conversation.kept?.left ? t("group.left") : t("group.removed")}</p>
      ) : !conversation.mayPost && !editing ? (
        <p className={styles.closed}>{conversation.mayReply ? t("group.onlyManagersReply") : t("group.onlyManagers")}</p>
      ) : editing ? (
        <EditBox
          key={editing.id} conversation={conversation} message={editing} onClose={endEdit}
          onDone={(message) => {
            view.show(message);
            endEdit();
          }}
        />
      ) : (
        <Composer ref={composer} conversation={conversation} name={name} reply={state.reply} onReply={state.setReply} onSent={onSent} onEditLast={editLast} />
      )}
      <DeedsLayer ws={ws} conversation={conversation} writable={writable} state={state} onRecalled={view.show} />
      {dating && <JumpToDate view={view} onClose={() => setDating(false)} />}
    </div>{thread && <ThreadPanel conversation={conversation} thread={thread.id} lit={thread.lit} writable={writable} onOpen={openThread} onClose={closeThread} />}</div></DeedsContext></LimitedContext>
  );
}

/** Somebody who is called alone is rung at once; in a group one looks at camera and microphone first. Oneself nobody calls. */
function CallButtons({ ws, conversation }: { ws: string; conversation: Conversation }) {
  const { t } = useTranslation();
  const go = useGo();
  const alone = conversation.kind !== ConversationKind.EVERYONE && conversation.kind !== ConversationKind.MEETING && conversation.memberCount < 2;
  // Meetings of people of several workspaces go by a link for guests.
  if (alone || conversation.kind === ConversationKind.CIRCLE) return null;
  const call = (video: boolean) => go.newMeeting(ws, { conversation: conversation.id, ...(video && { video }) }, true);
  return (
    <>
      <IconButton label={t("meetings.call.voice")} onClick={() => call(false)}><Phone /></IconButton>
      <IconButton label={t("meetings.call.video")} onClick={() => call(true)}><Video /></IconButton>
    </>
  );
}

function Subtitle({ ws, conversation }: { ws: string; conversation: Conversation }) {
  const { t } = useTranslation();
  const presence = usePresence();
  const relay = useRelayOfLinks();
  const linkName = useLinkName();
  const person = useSomeMembers(ws, [conversation.personId]).get(conversation.personId);
  if (conversation.kind === ConversationKind.DIRECT) {
    const link = presence.people.get(conversation.personId);
    return (
      <p>
        <i className={cx(styles.dot, link && styles.on)} aria-hidden />
        {link ? linkName(link.via, relay) : t("presence.offline")}{person?.title && <> · <bdi>{person.title}</bdi></>}
      </p>
    );
  }
  return <p>{conversation.rules?.managersPost && <>{t("shelf.announcement")} · </>}{t("messages.members", { count: conversation.memberCount })}{conversation.kind === ConversationKind.CIRCLE && ` · ${t("circles.externals", { count: conversation.externalCount })}`} · {t(conversation.history?.fromJoining ? "history.brief" : "messages.historyForAll")}</p>;
}
