import { Forward, NotebookPen } from "lucide-react";
import { memo, type MouseEvent } from "react";
import { useTranslation } from "react-i18next";
import type { ConversationKind, Message } from "../../api";
import { clock, day, full, within } from "../../lib/time";
import { Avatar, cx } from "../../ui";
import { Attachments } from "./Attachments";
import styles from "./conversation.module.css";
import { useDeeds, useSelection } from "./deeds";
import { Delivery, stateWords } from "./Delivery";
import depth from "./depth.module.css";
import { ExternalMark, useCalled } from "./External";
import { MessageBar } from "./MessageBar";
import { QuoteBlock } from "./QuoteBlock";
import { DingMark } from "./ding/DingMark";
import { Reactions } from "./Reactions";
import type { Row } from "./rows";
import { RichText } from "./RichText";
import { RecordCard } from "./RecordCard";
import { ThreadLine, ThreadMark } from "./ThreadLine";
import { Tombstone } from "./Tombstone";

export const MessageRow = memo(function MessageRow({ row, next, kind, writable, isSought, lit }: { row: Row; next: Row | undefined; kind: ConversationKind; writable: boolean; isSought: boolean; lit: boolean }) {
  const { t, i18n } = useTranslation();
  const deeds = useDeeds();
  const selection = useSelection();
  const { message } = row;
  const sent = Number(message.sentUnixMs);
  const called = useCalled();
  const name = message.isMine ? t("messages.me") : called(message.personId, message.personName);
  // In a run of own messages with one and the same state, the last one tells it.
  const showsState = message.isMine && !message.recalled
    && !(next && !next.head && next.message.isMine && !next.message.recalled && stateWords(next.message, kind, t) === stateWords(message, kind, t));
  const onContextMenu = (event: MouseEvent<HTMLElement>) => {
    // The system's own menu stays for links and for text that is marked.
    if (!deeds || message.recalled || (event.target as Element).closest("a, img") || (window.getSelection()?.toString() ?? "") !== "") return;
    event.preventDefault();
    const { clientX, clientY } = event;
    const row = event.currentTarget;
    const focus = event.target instanceof HTMLElement ? event.target.closest("button") : null;
    const at = clientX === 0 && clientY === 0 ? row : { getBoundingClientRect: () => new DOMRect(clientX, clientY, 0, 0) };
    deeds.openMenu(message, at, focus ?? row.querySelector<HTMLElement>("[role=toolbar] button"));
  };
  return (
    <div
      className={cx(styles.row, depth.row)} data-head={row.head ? "" : undefined} data-message={message.id} data-sought={isSought ? "" : undefined} data-lit={lit ? "" : undefined} data-mentions={message.mentionsMe ? "" : undefined}
      onContextMenu={onContextMenu}
    >
      {row.day && <span className={styles.day}>{day(sent, Date.now(), i18n.language, { today: t("messages.today"), yesterday: t("messages.yesterday") })}</span>}
      {row.isNew && <div className={styles.new} role="separator">{t("messages.newLine")}</div>}
      {message.recalled ? <Tombstone message={message} writable={writable} /> : (
        <div className={depth.line}>
          {selection && deeds && (
            <input type="checkbox" className={depth.pick} checked={selection.has(message.id)} aria-label={t("depth.pick", { name, time: full(sent, i18n.language) })} onChange={() => deeds.select(message)} />
          )}
          <article className={cx(styles.message, message.isMine && styles.own)} aria-label={`${name}, ${full(sent, i18n.language)}`}>
            {row.head && <span className={styles.face}><Avatar id={message.personId} name={message.personName} size="sm" letters={message.isMine && i18n.language === "zh" ? t("messages.me") : undefined} /></span>}
            <div className={styles.body}>
              {row.head && (
                <p className={styles.who}>
                  {!message.isMine && <bdi>{message.personName}</bdi>}
                  {!message.isMine && <ExternalMark personId={message.personId} />}
                  <time dateTime={new Date(sent).toISOString()} title={message.clockAhead ? t("messages.clockAhead") : full(sent, i18n.language)}>
                    {message.clockAhead ? "≈ " : ""}{clock(sent)}
                  </time>
                </p>
              )}
              <Content message={message} />
              {message.record ? <RecordCard message={message} record={message.record} /> : <Attachments message={message} />}
              {showsState && <Delivery message={message} kind={kind} />}
            </div>
          </article>
          {!selection && <MessageBar message={message} writable={writable} />}
        </div>
      )}
      {message.thread && message.thread.replies > 0 && <ThreadLine thread={message.thread} mine={message.isMine && !message.recalled} />}
      {!message.recalled && <div className={depth.below} data-mine={message.isMine ? "" : undefined}><DingMark message={message} /><Reactions message={message} writable={writable} /></div>}
    </div>
  );
});

function Content({ message }: { message: Message }) {
  const { t, i18n } = useTranslation();
  const { forwarded } = message;
  return (
    <>
      {message.alsoShown && <ThreadMark thread={message.inThreadId} />}
      {message.note && <p className={styles.note}><NotebookPen aria-hidden />{t("messages.note", { time: within(Number(message.note.atMs)) })}</p>}
      {forwarded && (
        <p className={depth.forwarded} title={t("depth.forwardedLong")}><Forward aria-hidden />{t("depth.forwardedFrom", { name: forwarded.isExternal ? t("notice.external", { name: forwarded.personName }) : forwarded.personName, time: full(Number(forwarded.sentUnixMs), i18n.language) })}</p>
      )}
      {message.reply && <QuoteBlock quote={message.reply} />}
      {message.text !== "" && <div className={styles.bubble} dir="auto"><RichText text={message.text} mentions={message.mentions} /></div>}
      {message.editedUnixMs > 0n && <small className={depth.edited} title={t("depth.editedAt", { time: full(Number(message.editedUnixMs), i18n.language) })}>{t("depth.edited")}</small>}
    </>
  );
}
