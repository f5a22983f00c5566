import { useMutation } from "@tanstack/react-query";
import { AlarmClock, CalendarClock, ChevronDown, Clock, Paperclip, Sunrise } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ScheduledState, type Conversation, type Scheduled } from "../../../api";
import { full } from "../../../lib/time";
import { useApi, useNoticesChanged, useScheduled } from "../../../live";
import { Button, cx, Dialog, ErrorNote, Field, IconButton, InfoNote, Menu, reachable, useSentence } from "../../../ui";
import styles from "./later.module.css";
import { inAnHour, localDate, localTime, timeOf, tomorrowAtNine } from "./times";

/** Beside the button that sends. */
export function LaterMenu({ onLater, onPick }: { onLater: (at: number) => void; onPick: () => void }) {
  const { t } = useTranslation();
  return (
    <Menu
      label={t("later.menu")}
      trigger={<IconButton label={t("later.menu")}><ChevronDown /></IconButton>}
      entries={[
        { key: "hour", label: t("later.hour"), icon: <Clock />, onSelect: () => onLater(inAnHour(Date.now())) },
        { key: "tomorrow", label: t("later.tomorrow"), icon: <Sunrise />, onSelect: () => onLater(tomorrowAtNine(Date.now())) },
        { key: "pick", label: t("later.pick"), icon: <CalendarClock />, onSelect: onPick, note: t("later.must") },
      ]}
    />
  );
}

/** Asks for a date and a time of this computer's zone. */
export function PickTime({ from, externals, text, busy, error, onChosen, onClose }: {
  from: number;
  /** So many people of other workspaces are in the conversation. */
  externals: number;
  /** Undefined: only the time is asked for. */
  text?: string;
  busy: boolean;
  error: unknown;
  onChosen: (at: number, text: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [date, setDate] = useState(() => localDate(from));
  const [time, setTime] = useState(() => localTime(from));
  const [words, setWords] = useState(text ?? "");
  const at = timeOf(date, time);
  return (
    <Dialog
      open onClose={onClose} size="sm" title={text === undefined ? t("later.when") : t("later.edit")} description={t("later.must")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" busy={busy} disabled={at === null} onClick={() => at !== null && onChosen(at, words)}>{t("later.set")}</Button></>}
    >
      <div className={styles.form}>
        {text !== undefined && <label className={styles.text}>{t("later.text")}<textarea rows={4} dir="auto" value={words} onChange={(event) => setWords(event.target.value)} /></label>}
        <div className={styles.when}>
          <Field label={t("later.date")} type="date" value={date} onChange={(event) => setDate(event.target.value)} />
          <Field label={t("later.time")} type="time" value={time} onChange={(event) => setTime(event.target.value)} />
        </div>
        {externals > 0 && <InfoNote tone="warn">{t("circles.laterSeen", { count: externals })}</InfoNote>}
        {error ? <ErrorNote cause={error} /> : null}
      </div>
    </Dialog>
  );
}

/** Above the composer: what waits here, and what wants a word. */
export function LaterStrip({ conversation }: { conversation: Conversation }) {
  const { t, i18n } = useTranslation();
  const all = useScheduled(conversation.id).data ?? [];
  const [open, setOpen] = useState(false);
  const first = all[0];
  if (!first) return null;
  const urgent = all.some(({ state }) => state !== ScheduledState.WAITING);
  return (
    <>
      <button type="button" className={cx(styles.strip, urgent && styles.urgent)} onClick={() => setOpen(true)}>
        <AlarmClock aria-hidden />
        <span>{urgent ? t("later.attention") : t("later.waiting", { count: all.length, when: full(Number(first.atUnixMs), i18n.language) })}</span>
      </button>
      {open && (
        <Dialog open onClose={() => setOpen(false)} title={t("later.title")} description={t("later.must")}>
          <ul className={styles.list}>{all.map((one) => <Row key={one.id} one={one} externals={conversation.externalCount} />)}</ul>
        </Dialog>
      )}
    </>
  );
}

function Row({ one, externals }: { one: Scheduled; externals: number }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const changed = useNoticesChanged();
  const sentence = useSentence();
  const [editing, setEditing] = useState(false);
  const act = useMutation({ mutationFn: (deed: () => Promise<unknown>) => deed(), onSuccess: () => setEditing(false), onSettled: () => changed("scheduled") });
  const due = Number(one.atUnixMs);
  const late = one.state === ScheduledState.SENT_LATE;
  const note = one.state === ScheduledState.ASKING ? t("later.asking")
    : one.state === ScheduledState.FAILED ? t("later.failed", { why: sentence({ code: one.errorCode, params: {} }) })
    : late ? t("later.late", { when: full(Number(one.sentUnixMs), i18n.language) }) : "";
  return (
    <li>
      <p className={styles.due}><time dateTime={new Date(due).toISOString()}>{full(due, i18n.language)}</time></p>
      <p ref={reachable} className={styles.words} dir="auto">{one.text}</p>
      {one.files.map((file) => <p key={file.uploadId} className={styles.file}><Paperclip aria-hidden /><bdi>{file.name}</bdi></p>)}
      {note !== "" && <InfoNote tone={late ? "info" : "warn"}>{note}</InfoNote>}
      {act.error && !editing ? <ErrorNote cause={act.error} /> : null}
      <div className={styles.deeds}>
        {!late && <Button kind="quiet" onClick={() => setEditing(true)}>{t("later.edit")}</Button>}
        {!late && <Button kind="quiet" busy={act.isPending} onClick={() => act.mutate(() => api.scheduled.sendNow({ id: one.id }))}>{t("later.now")}</Button>}
        <Button kind="quiet" onClick={() => act.mutate(() => api.scheduled.drop({ id: one.id }))}>{late ? t("later.noted") : t("later.drop")}</Button>
      </div>
      {editing && (
        <PickTime
          from={due} externals={externals} text={one.text} busy={act.isPending} error={act.error} onClose={() => setEditing(false)}
          onChosen={(at, text) => act.mutate(() => api.scheduled.change({
            id: one.id, atUnixMs: BigInt(at), text: text.trim(), mentions: one.mentions.filter(({ label }) => text.includes(`@${label}`)),
          }))}
        />
      )}
    </li>
  );
}
