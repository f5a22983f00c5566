import { Link } from "@tanstack/react-router";
import { PenLine } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ConversationKind, type Conversation } from "../../api";
import { readDraft } from "../../lib/drafts";
import { brief as briefTime } from "../../lib/time";
import { Avatar, CountBadge, cx, ExternalTag, useColumns } from "../../ui";
import circles from "./circles.module.css";
import styles from "./list.module.css";
import { brief, conversationFace, conversationName } from "./names";

export function ConversationRow({ ws, conversation, chosen, online }: { ws: string; conversation: Conversation; chosen: boolean; online: boolean }) {
  const { t, i18n } = useTranslation();
  const { closeList } = useColumns();
  const name = conversationName(conversation, t);
  const time = Number(conversation.lastUnixMs);
  const draft = chosen ? "" : readDraft(conversation.id);
  return (
    <Link
      to="/w/$ws/messages/$conversation" params={{ ws, conversation: conversation.id }} onClick={closeList}
      className={cx(styles.row, conversation.unread > 0 && styles.unread)} aria-current={chosen ? "page" : undefined}
    >
      <Avatar id={conversationFace(conversation)} name={name} online={online} />
      {conversation.externalCount > 0 ? <span className={circles.named}><bdi>{name}</bdi><ExternalTag /></span> : <span className={styles.name}><bdi>{name}</bdi></span>}
      <time dateTime={time > 0 ? new Date(time).toISOString() : undefined}>{briefTime(time, Date.now(), i18n.language, { today: t("messages.today"), yesterday: t("messages.yesterday") })}</time>
      <span className={styles.preview}>
        {conversation.mentionId !== "" && <b className={styles.mentioned}>{t("depth.mentioned")}</b>}
        {draft !== "" ? <><PenLine aria-hidden /><bdi>{draft.slice(0, 120)}</bdi></> : <bdi>{preview()}</bdi>}
      </span>
      <CountBadge className={styles.badge} count={conversation.unread} label={t("messages.unread", { count: conversation.unread })} />
    </Link>
  );

  function preview(): string {
    const last = conversation.lastMessage;
    if (!last) return t("messages.noMessages");
    const text = brief(last, t);
    if (last.recalled) return text;
    if (last.isMine) return t("messages.you", { text });
    return conversation.kind === ConversationKind.DIRECT ? text : t("messages.they", { name: last.personName, text });
  }
}
