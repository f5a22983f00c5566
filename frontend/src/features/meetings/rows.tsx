import { useMutation } from "@tanstack/react-query";
import { EllipsisVertical, Link2, Lock, Trash2, UserPlus, Video } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallSummary, PlannedMeeting } from "../../api";
import { formatMeetingLink } from "../../lib/meetingLink";
import { joinNames } from "../../lib/names";
import { useNow } from "../../lib/now";
import { useGo } from "../../lib/routes";
import { clock, day, isSameDay } from "../../lib/time";
import { useApi, useRuntime } from "../../live";
import { Avatar, Button, Confirm, ErrorNote, IconButton, Menu } from "../../ui";
import { GuestLinks } from "./guest/GuestLinks";
import styles from "./page.module.css";
import { duration, useCallNames } from "./words";

const MOST_FACES = 4;

export function OngoingRow({ ws, call, mine }: { ws: string; call: CallSummary; mine: boolean }) {
  const { t, i18n } = useTranslation();
  const go = useGo();
  const names = useCallNames(ws, call.personIds);
  const now = useNow(true);
  const name = names.ofCall(call, call.starterName);
  const people = call.personIds.map((id) => ({ id, name: names.ofPerson(id, id === call.starterId ? call.starterName : t("meetings.somebody")) }));
  return (
    <article className={styles.card} aria-label={name} data-live="">
      <span className={styles.when}><span className={styles.live}>{t("meetings.ongoing.now")}</span><small>{duration(now - Number(call.startedUnixMs))}</small></span>
      <div className={styles.what}>
        <h3><bdi>{name}</bdi>{call.locked && <span className={styles.lock} role="img" aria-label={t("meetings.locked")} title={t("meetings.locked")}><Lock /></span>}</h3>
        <p className={styles.people}>
          <span className={styles.faces} aria-hidden>{people.slice(0, MOST_FACES).map((one) => <Avatar key={one.id} id={one.id} name={one.name} size="xs" />)}</span>
          <span><bdi>{people.length > MOST_FACES ? t("meetings.ongoing.more", { names: joinNames(people.slice(0, 2).map((one) => one.name), i18n.language), count: people.length }) : joinNames(people.map((one) => one.name), i18n.language)}</bdi></span>
        </p>
      </div>
      <Button kind="primary" icon={<Video aria-hidden />} onClick={() => go.meeting(ws, call.id)}>{mine ? t("meetings.ongoing.back") : t("meetings.ongoing.join")}</Button>
    </article>
  );
}

export function PlannedRow({ ws, planned }: { ws: string; planned: PlannedMeeting }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const go = useGo();
  const runtime = useRuntime();
  const names = useCallNames(ws, [planned.plannerId]);
  const [asking, setAsking] = useState(false);
  const [copied, setCopied] = useState(false);
  const [inviting, setInviting] = useState(false);
  const cancel = useMutation({ mutationFn: () => api.calls.cancelMeeting({ id: planned.id }), onSuccess: () => setAsking(false) });
  const start = Number(planned.startUnixMs);
  const end = Number(planned.endUnixMs);
  const where = names.ofCall({ title: "", conversationId: planned.conversationId });
  const name = planned.title || where;
  const words = { today: t("messages.today"), yesterday: t("messages.yesterday") };
  const copy = () => void runtime.copyText(formatMeetingLink({ conversation: planned.conversationId, planned: planned.id })).then(() => {
    setCopied(true);
    setTimeout(() => setCopied(false), 2500);
  }, () => {});
  return (
    <article className={styles.card} aria-label={name}>
      <span className={styles.when}>
        <b>{clock(start)}</b>
        <small>{isSameDay(start, Date.now()) ? t("messages.today") : isSameDay(start, Date.now() + 86_400_000) ? t("meetings.tomorrow") : day(start, Date.now(), i18n.language, words)}</small>
      </span>
      <div className={styles.what}>
        <h3><bdi>{name}</bdi></h3>
        <p>{t("meetings.planned.until", { time: clock(end) })}{planned.title !== "" && <> · <bdi>{where}</bdi></>} · <bdi>{names.ofPerson(planned.plannerId)}</bdi></p>
      </div>
      <span aria-live="polite" className={styles.copied}>{copied ? t("state.copied") : ""}</span>
      <IconButton label={t("meetings.planned.copy")} onClick={copy}><Link2 /></IconButton>
      {planned.canCancel && (
        <Menu
          label={t("meetings.planned.menu")} trigger={<IconButton label={t("meetings.planned.menu")}><EllipsisVertical /></IconButton>}
          entries={[{ key: "guests", label: t("meetings.guests.open"), icon: <UserPlus aria-hidden />, onSelect: () => setInviting(true) }, { key: "cancel", label: t("meetings.planned.cancel"), icon: <Trash2 aria-hidden />, danger: true, divided: true, onSelect: () => setAsking(true) }]}
        />
      )}
      <Button
        icon={<Video aria-hidden />}
        onClick={() => (planned.callId !== "" ? go.meeting(ws, planned.callId) : go.newMeeting(ws, { conversation: planned.conversationId, video: true, planned: planned.id }))}
      >
        {planned.callId !== "" ? t("meetings.ongoing.join") : t("meetings.planned.begin")}
      </Button>
      {inviting && <GuestLinks of={{ callId: "", plannedId: planned.id }} until={end} onClose={() => setInviting(false)} />}
      <Confirm
        open={asking} onClose={() => setAsking(false)} danger title={t("meetings.planned.cancelTitle", { name })} action={t("meetings.planned.cancel")} busy={cancel.isPending}
        onConfirm={() => cancel.mutate()} error={cancel.error ? <ErrorNote cause={cancel.error} /> : undefined}
      >
        {t("meetings.planned.cancelText")}
      </Confirm>
    </article>
  );
}
