import { NotebookPen } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { ConversationKind } from "../../api";
import { clock, day, full, within } from "../../lib/time";
import { Avatar, cx } from "../../ui";
import { Attachments } from "./Attachments";
import styles from "./conversation.module.css";
import { Delivery, stateWords } from "./Delivery";
import type { Row } from "./rows";
import { RichText } from "./RichText";

export const MessageRow = memo(function MessageRow({ row, next, kind, isSought }: { row: Row; next: Row | undefined; kind: ConversationKind; isSought?: boolean }) {
  const { t, i18n } = useTranslation();
  const { message } = row;
  const sent = Number(message.sentUnixMs);
  const name = message.isMine ? t("messages.me") : message.personName;
  // In a run of own messages with one and the same state, the last one tells it.
  const showsState = message.isMine
    && !(next && !next.head && next.message.isMine && stateWords(next.message, kind, t) === stateWords(message, kind, t));
  return (
    <div className={styles.row} data-head={row.head ? "" : undefined} data-message={message.id} data-sought={isSought ? "" : undefined}>
      {row.day && <span className={styles.day}>{day(sent, Date.now(), i18n.language, { today: t("messages.today"), yesterday: t("messages.yesterday") })}</span>}
      {row.isNew && <div className={styles.new} role="separator">{t("messages.newLine")}</div>}
      <article className={cx(styles.message, message.isMine && styles.own)} aria-label={`${name}, ${full(sent, i18n.language)}`}>
        {row.head && <span className={styles.face}><Avatar id={message.personId} name={message.personName} size="sm" letters={message.isMine && i18n.language === "zh" ? t("messages.me") : undefined} /></span>}
        <div className={styles.body}>
          {row.head && (
            <p className={styles.who}>
              {!message.isMine && <bdi>{message.personName}</bdi>}
              <time dateTime={new Date(sent).toISOString()} title={message.clockAhead ? t("messages.clockAhead") : full(sent, i18n.language)}>
                {message.clockAhead ? "≈ " : ""}{clock(sent, i18n.language)}
              </time>
            </p>
          )}
          {message.note && <p className={styles.note}><NotebookPen aria-hidden />{t("messages.note", { time: within(Number(message.note.atMs)) })}</p>}
          {message.text !== "" && <div className={styles.bubble} dir="auto"><RichText text={message.text} /></div>}
          <Attachments message={message} />
          {showsState && <Delivery message={message} kind={kind} />}
        </div>
      </article>
    </div>
  );
});
