import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message, RecordEntry, RecordLine, RecordSummary } from "../../api";
import { joinNames } from "../../lib/names";
import { full } from "../../lib/time";
import { useApi } from "../../live";
import { Dialog, ErrorNote, ExternalTag, Waiting } from "../../ui";
import { Attachments } from "./Attachments";
import { RichText } from "./RichText";
import styles from "./thread.module.css";

/** Several messages that were forwarded as one; a press shows them. */
export function RecordCard({ message, record }: { message: Message; record: RecordSummary }) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  const names = joinNames(record.personNames, i18n.language);
  const title = record.people > record.personNames.length ? t("thread.recordOfMany", { names, count: record.people }) : t("thread.recordOf", { names });
  const line = (one: RecordLine) => one.text !== "" ? one.text : one.isRecord ? t("thread.recordBrief") : one.fileCount > 1 ? t("attach.briefMore", { count: one.fileCount }) : one.isPicture ? t("attach.briefPicture") : t("attach.briefFile", { name: one.fileName });
  return (
    <>
      <button type="button" className={styles.card} onClick={() => setOpen(true)}>
        <b>{title}{record.hasExternals && <> <ExternalTag brief /></>}</b>
        {record.lines.map((one, index) => <span key={index}><bdi>{one.isExternal ? t("notice.external", { name: one.personName }) : one.personName}</bdi>: <bdi>{line(one)}</bdi></span>)}
        <small>{t("thread.recordCount", { count: record.count })}</small>
      </button>
      {open && <RecordDialog message={message} title={title} onClose={() => setOpen(false)} />}
    </>
  );
}

function RecordDialog({ message, title, onClose }: { message: Message; title: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  // Files come while it is open: the message changes with them.
  const { data, error } = useQuery({ queryKey: ["record", message.id, message.attachments.map(({ state, fetched }) => `${state}.${fetched}`).join()], queryFn: () => api.records.record({ conversationId: message.conversationId, messageId: message.id }), placeholderData: (before) => before });
  return (
    <Dialog open onClose={onClose} title={title} description={t("depth.forwardedLong")} size="md">
      {data ? <Entries message={message} entries={data.entries} /> : error ? <ErrorNote cause={error} /> : <Waiting />}
    </Dialog>
  );
}

function Entries({ message, entries }: { message: Message; entries: readonly RecordEntry[] }) {
  const { t, i18n } = useTranslation();
  return (
    <ol className={styles.entries}>
      {entries.map((entry, index) => (
        <li key={index}>
          <p className={styles.who}><bdi>{entry.personName}</bdi>{entry.isExternal && <ExternalTag brief />}<time dateTime={new Date(Number(entry.sentUnixMs)).toISOString()}>{full(Number(entry.sentUnixMs), i18n.language)}</time></p>
          {entry.text !== "" && <div dir="auto"><RichText text={entry.text} mentions={[]} /></div>}
          <Attachments message={{ ...message, attachments: entry.attachments }} />
          {entry.entries.length > 0 && <details className={styles.inner}><summary>{t("thread.recordInner", { count: entry.entries.length })}</summary><Entries message={message} entries={entry.entries} /></details>}
        </li>
      ))}
    </ol>
  );
}
