import { Link } from "@tanstack/react-router";
import { BellOff, Ellipsis, Megaphone, Pin } from "lucide-react";
import { memo, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, type Conversation } from "../../api";
import { brief as briefTime } from "../../lib/time";
import { useIsOnline } from "../../live";
import { CountBadge, cx, ExternalTag, useColumns } from "../../ui";
import { ConversationFace } from "./ConversationFace";
import styles from "./list.module.css";
import { brief, conversationName, recalledWords } from "./names";
import { isPinned } from "./shelf";

export interface At {
  getBoundingClientRect(): DOMRect;
}

interface Props {
  ws: string;
  conversation: Conversation;
  chosen: boolean;
  /** Of this moment: it ends by itself. */
  muted: boolean;
  /** When this day began: what was "14:05" is "yesterday" then. */
  today: number;
  /** The beginning of what was left in its field; undefined where nothing was. */
  left: string | undefined;
  /** A scheduled message was not sent and wants a word. */
  asks: boolean;
  /** Opens what one may do with it in one's own list. */
  onMenu: (conversation: string, at: At, back: HTMLElement | null) => void;
  /** Of a pinned one: by so many places. */
  onMove: ((conversation: Conversation, by: number) => void) | undefined;
}

/** One conversation of the list. It is drawn again only when something of its own changed: there may be thousands. */
export const ConversationRow = memo(function ConversationRow({ ws, conversation, chosen, muted, today, left, asks, onMenu, onMove }: Props) {
  const { t, i18n } = useTranslation();
  const { closeList } = useColumns();
  const name = conversationName(conversation, t);
  const time = Number(conversation.lastUnixMs);
  const online = useIsOnline(conversation.personId);
  // What stands in the field before one's eyes need not be said.
  const draft = chosen ? undefined : left;
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    const by = event.altKey && (event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0);
    if (!by || !onMove) return;
    event.preventDefault();
    onMove(conversation, by);
  };
  return (
    <>
      <Link
        to="/w/$ws/messages/$conversation" params={{ ws, conversation: conversation.id }} onClick={closeList} draggable={false} onKeyDown={keys}
        onContextMenu={(event) => {
          event.preventDefault();
          const row = event.currentTarget;
          // By the keyboard it opens at the row.
          const at = event.clientX === 0 && event.clientY === 0 ? row : { getBoundingClientRect: () => new DOMRect(event.clientX, event.clientY, 0, 0) };
          onMenu(conversation.id, at, row);
        }}
        aria-keyshortcuts={onMove ? "Shift+F10 Alt+ArrowUp Alt+ArrowDown" : "Shift+F10"}
        className={cx(styles.row, conversation.unread > 0 && styles.unread)} aria-current={chosen ? "page" : undefined}
      >
        <ConversationFace conversation={conversation} name={name} online={online} />
        <span className={styles.title}>
          <span className={styles.name}><bdi>{name}</bdi></span>
          {conversation.externalCount > 0 && <ExternalTag />}
          {conversation.rules?.managersPost && <Megaphone role="img" aria-label={t("shelf.announcement")} />}
          {muted && <BellOff role="img" aria-label={t("shelf.muted")} />}
          {isPinned(conversation) && <Pin role="img" aria-label={t("shelf.pinned")} />}
        </span>
        <time dateTime={time > 0 ? new Date(time).toISOString() : undefined}>{briefTime(time, today, i18n.language, { today: t("messages.today"), yesterday: t("messages.yesterday") })}</time>
        <span className={styles.preview}>
          {conversation.mentionId !== "" && <b className={styles.mentioned}>{t("depth.mentioned")}</b>}
          {asks && <b className={styles.asks}>{t("later.inList")}</b>}
          {draft !== undefined ? <><b className={styles.draft}>{t("shelf.draft")}</b><bdi>{draft}</bdi></> : <bdi>{preview()}</bdi>}
        </span>
        <CountBadge className={styles.badge} count={conversation.unread} quiet={conversation.noticed === 0} label={t("messages.unread", { count: conversation.unread })} />
      </Link>
      <button
        type="button" className={styles.more} tabIndex={-1} aria-label={t("shelf.options", { name })} title={t("shelf.options", { name })}
        onClick={(event) => onMenu(conversation.id, event.currentTarget, event.currentTarget.parentElement?.querySelector("a") ?? null)}
      >
        <Ellipsis aria-hidden />
      </button>
    </>
  );

  function preview(): string {
    const last = conversation.lastMessage;
    if (!last) return t("messages.noMessages");
    const text = brief(last, t);
    if (last.recalled) return recalledWords(last, t, (person, name) => (person === last.personId && conversation.lastIsExternal ? t("notice.external", { name }) : name));
    if (last.isMine) return t("messages.you", { text });
    return conversation.kind === ConversationKind.DIRECT ? text : t("messages.they", { name: conversation.lastIsExternal ? t("notice.external", { name: last.personName }) : last.personName, text });
  }
});
