import { NotebookPen, Phone, PhoneMissed, Video } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PastCallOutcome, type PastCall } from "../../api";
import { useGo } from "../../lib/routes";
import { brief } from "../../lib/time";
import { useCalls, useNoted } from "../../live";
import { Avatar, cx, ErrorNote, IconButton, SkeletonRows, useColumns } from "../../ui";
import { NotesDialog } from "./notes/NotesDialog";
import styles from "./page.module.css";
import { duration, outcomeWords, useCallNames } from "./words";

export function PastList({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useCalls(ws);
  const noted = useNoted(ws).data;
  return (
    <>
      <header className={styles.listHead}><h2>{t("meetings.past.title")}</h2></header>
      {error && !data && <div className={styles.note}><ErrorNote cause={error} onRetry={() => void refetch()} /></div>}
      {!data && !error && <SkeletonRows count={4} />}
      {data?.past.length === 0 && <p className={styles.none}>{t("meetings.past.none")}</p>}
      <ul className={styles.rows} aria-label={t("meetings.past.title")}>
        {data?.past.map((past) => <li key={past.id}><PastRow ws={ws} past={past} notes={noted?.[past.id] ?? 0} /></li>)}
      </ul>
    </>
  );
}

function PastRow({ ws, past, notes }: { ws: string; past: PastCall; notes: number }) {
  const { t, i18n } = useTranslation();
  const go = useGo();
  const { closeList } = useColumns();
  const [reading, setReading] = useState(false);
  const names = useCallNames(ws);
  const { text, tone } = outcomeWords(past.outcome, t);
  const name = names.ofCall(past, past.starterName || t("meetings.somebody"));
  const missed = past.outcome === PastCallOutcome.MISSED;
  const words = { today: t("messages.today"), yesterday: t("messages.yesterday") };
  const long = past.outcome === PastCallOutcome.HELD ? duration(Number(past.endedUnixMs - past.startedUnixMs)) : "";
  return (
    <article className={cx(styles.row, past.fresh && styles.fresh)} aria-label={`${name}, ${text}`}>
      <Avatar id={names.face(past.conversationId)} name={name} size="sm" />
      <div className={styles.pastWords}>
        <b><bdi>{name}</bdi></b>
        <p className={cx(styles.outcome, tone === "bad" && styles.missed)}>
          {missed && <PhoneMissed aria-hidden />}
          <span>{text}{long !== "" && <> · {long}</>}</span>
        </p>
        {notes > 0 && <button type="button" className={styles.notes} onClick={() => setReading(true)}><NotebookPen aria-hidden />{t("meetings.notes.count", { count: notes })}</button>}
      </div>
      <time dateTime={new Date(Number(past.startedUnixMs)).toISOString()}>{brief(Number(past.startedUnixMs), Date.now(), i18n.language, words)}</time>
      <IconButton
        label={names.isDirect(past.conversationId) ? t("meetings.past.callBack", { name }) : t("meetings.past.again", { name })} className={styles.back}
        onClick={() => {
          closeList();
          go.newMeeting(ws, { conversation: past.conversationId, ...(past.video && { video: true }) }, true);
        }}
      >
        {past.video ? <Video /> : <Phone />}
      </IconButton>
      {reading && <NotesDialog past={past} name={name} onClose={() => setReading(false)} />}
    </article>
  );
}
