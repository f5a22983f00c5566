import { useMutation } from "@tanstack/react-query";
import { BellOff, Check, ChevronRight, Zap } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Ding } from "../../../api";
import { useNow } from "../../../lib/now";
import { useGo } from "../../../lib/routes";
import { full } from "../../../lib/time";
import { useApi, useNoticesChanged, useQuiet, useRuntime, useSettings, useWaitingDings } from "../../../live";
import { Avatar, Button, ErrorNote, ExternalTag, IconButton, reachable } from "../../../ui";
import styles from "./ding.module.css";
import { alarm } from "./tone";
import { ago, where } from "./words";

/** Rounds that sounded or were hushed; a reload sounds once more. */
const heard = new Set<string>();
const roundOf = (ding: Ding) => `${ding.id} ${ding.rounds}`;
/** So old a round may be that still sounds; as the program has it. */
const SOUND_MS = 4 * 3_600_000;
const rings = (ding: Ding) => ding.rings && Date.now() - Number(ding.lastUnixMs) <= SOUND_MS;

/** Whether urgent notices are heard now: in quiet hours only where their person lets them. */
function useLoud(): boolean {
  const settings = useSettings().data;
  const quiet = useQuiet();
  return settings !== undefined && (settings.dingInQuiet || !quiet);
}

/** Urgent notices that wait: above everything, until they are confirmed. The keyboard stays where it is, so that nothing is confirmed by what is being typed. */
export function DingAlerts() {
  const all = useWaitingDings().data ?? [];
  const [at, setAt] = useState(0);
  useSound(all);
  const newest = [...all].reverse();
  const shown = newest[Math.min(at, newest.length - 1)];
  if (!shown) return null;
  return <Alert key={shown.id} ding={shown} place={newest.indexOf(shown) + 1} count={newest.length} onNext={() => setAt((newest.indexOf(shown) + 1) % newest.length)} />;
}

/** Sounds for half a minute. What came in quiet hours and waits is heard at their end. */
function useSound(all: readonly Ding[]): void {
  const may = useLoud();
  const fresh = all.filter((ding) => rings(ding) && !heard.has(roundOf(ding))).map(roundOf).join("\n");
  useEffect(() => {
    if (fresh === "" || !may) return;
    const end = alarm();
    return () => {
      end();
      for (const round of fresh.split("\n")) heard.add(round);
    };
  }, [fresh, may]);
}

/** The system tells of it while nobody looks at the window; once somebody does, its sender learns that it was seen. */
function useNotice(ding: Ding, title: string): void {
  const runtime = useRuntime();
  const api = useApi();
  const id = `ding:${ding.id}`;
  const may = useLoud();
  const loud = may && rings(ding);
  useEffect(() => {
    let seen = false;
    const look = (watched: boolean) => {
      if (!watched) return loud ? runtime.notices.show({ id, title, text: ding.text || ding.fileName }) : undefined;
      runtime.notices.hide(id);
      if (!seen) void api.ding.markSeen({ id: ding.id }).catch(() => {});
      seen = true;
    };
    look(runtime.isWatched());
    const end = runtime.onWatched(look);
    return () => {
      end();
      runtime.notices.hide(id);
    };
  }, [runtime, api, id, ding.id, ding.rounds, ding.text, ding.fileName, title, loud]);
}

function Alert({ ding, place, count, onNext }: { ding: Ding; place: number; count: number; onNext: () => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const go = useGo();
  const changed = useNoticesChanged();
  const now = useNow(true);
  const [, hush] = useState(0);
  const last = Number(ding.lastUnixMs);
  const title = t("ding.from", { name: ding.isExternal ? t("notice.external", { name: ding.personName }) : ding.personName });
  useNotice(ding, title);
  const confirm = useMutation({ mutationFn: () => api.ding.confirm({ id: ding.id }), onSettled: () => changed("ding") });
  return (
    <section className={styles.alert} role="alertdialog" aria-modal="false" aria-label={title} aria-describedby={`${ding.id}-text`}>
      <span className={styles.bolt}><Zap aria-hidden /></span>
      <div className={styles.said}>
        <p className={styles.who}>
          <Avatar id={ding.personId} name={ding.personName} size="xs" /><b><bdi>{ding.personName}</bdi></b>{ding.isExternal && <ExternalTag />}
          <span>{where(ding, t)}</span>
          <time dateTime={new Date(last).toISOString()} title={full(last, i18n.language)}>{ago(last, now, t)}</time>
          {ding.rounds > 1 && <span>{t("ding.round", { count: ding.rounds })}</span>}
        </p>
        <p ref={reachable} id={`${ding.id}-text`} className={styles.words} role="alert" dir="auto">{ding.text || ding.fileName}</p>
        {confirm.error && <ErrorNote cause={confirm.error} />}
      </div>
      <div className={styles.deeds}>
        {count > 1 && <Button kind="quiet" onClick={onNext}>{t("ding.ofMany", { place, count })}<ChevronRight aria-hidden /></Button>}
        {rings(ding) && !heard.has(roundOf(ding)) && (
          <IconButton
            label={t("ding.hush")}
            onClick={() => {
              heard.add(roundOf(ding));
              changed("ding");
              hush((n) => n + 1);
            }}
          ><BellOff /></IconButton>
        )}
        <Button onClick={() => go.message(ding.workspaceId, ding.conversationId, ding.messageId)}>{t("ding.open")}</Button>
        <Button kind="primary" icon={<Check aria-hidden />} busy={confirm.isPending} onClick={() => confirm.mutate()}>{t("ding.confirm")}</Button>
      </div>
    </section>
  );
}
