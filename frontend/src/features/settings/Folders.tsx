import { useMutation, useQueryClient } from "@tanstack/react-query";
import { BatteryMedium, Gauge, PlugZap, Wifi } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PaceResponse, SetPaceRequestSchema } from "../../api";
import { size } from "../../lib/size";
import { folderKeys, useApi, usePace } from "../../live";
import { Button, ErrorNote, Field, SwitchRow, Waiting } from "../../ui";
import styles from "./settings.module.css";

type Change = MessageInitShape<typeof SetPaceRequestSchema>;

/** How fast files travel, and when they rest. */
export function Folders() {
  const { data, error, refetch } = usePace();
  if (error && !data) return <ErrorNote cause={error} onRetry={() => void refetch()} />;
  return data ? <Loaded pace={data} /> : <Waiting />;
}

function Loaded({ pace }: { pace: PaceResponse }) {
  const { t } = useTranslation();
  const api = useApi();
  const client = useQueryClient();
  const set = useMutation({ mutationFn: (change: Change) => api.folders.setPace(change), onSuccess: (answer) => client.setQueryData(folderKeys.pace, answer) });
  const power = pace.power === "battery" ? t("pace.onBattery") : pace.power === "mains" ? t("pace.onMains") : t("pace.unknownPower");
  const network = pace.network === "metered" ? t("pace.isMetered") : pace.network === "unmetered" ? t("pace.notMetered") : t("pace.unknownNetwork");
  return (
    <>
      {set.error && <ErrorNote cause={set.error} />}
      <section className={styles.block}>
        <h2>{t("pace.speed")}</h2>
        <p className={styles.note}>{t("pace.speedNote")}</p>
        <Limit key={`lan ${pace.lanKib}`} label={t("pace.lan")} kib={pace.lanKib} busy={set.isPending} onSave={(lanKib) => set.mutate({ lanKib })} />
        <Limit key={`internet ${pace.internetKib}`} label={t("pace.internet")} kib={pace.internetKib} busy={set.isPending} onSave={(internetKib) => set.mutate({ internetKib })} />
      </section>
      <section className={styles.list}>
        <SwitchRow label={t("pace.metered")} hint={<Now icon={<Wifi aria-hidden />} words={network} note={t("pace.meteredNote")} />} checked={pace.pauseOnMetered} onChange={(pauseOnMetered) => set.mutate({ pauseOnMetered })} />
        <SwitchRow label={t("pace.battery")} hint={<Now icon={pace.power === "battery" ? <BatteryMedium aria-hidden /> : <PlugZap aria-hidden />} words={power} note={t("pace.batteryNote")} />} checked={pace.pauseOnBattery} onChange={(pauseOnBattery) => set.mutate({ pauseOnBattery })} />
      </section>
    </>
  );
}

function Now({ icon, words, note }: { icon: React.ReactNode; words: string; note: string }) {
  return <>{note}<span className={styles.now}>{icon}{words}</span></>;
}

const KIB = 1024;

/** A speed in megabytes per second, as people read it; empty is as fast as it goes. */
function Limit({ label, kib, busy, onSave }: { label: string; kib: number; busy: boolean; onSave: (kib: number) => void }) {
  const { t } = useTranslation();
  const before = kib === 0 ? "" : String(Math.round(((kib * KIB) / 1e6) * 100) / 100);
  const [text, setText] = useState(before);
  const [tried, setTried] = useState(false);
  const typed = text.trim().replace(",", ".");
  const value = typed === "" ? 0 : /^\d{1,5}(\.\d{1,2})?$/.test(typed) ? Math.round((Number(typed) * 1e6) / KIB) : null;
  const wrong = value === null || (typed !== "" && value === 0);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!wrong && !busy) onSave(value ?? 0);
  };
  return (
    <form className={styles.inline} onSubmit={submit} noValidate>
      <Field
        label={label} value={text} dir="ltr" inputMode="decimal" placeholder={t("pace.unbounded")} onChange={(event) => setText(event.target.value)}
        hint={kib === 0 ? t("pace.unboundedHint") : t("pace.limitHint", { size: size(kib * KIB) })} error={tried && wrong ? t("pace.invalid") : undefined}
      />
      <Button type="submit" icon={<Gauge aria-hidden />} busy={busy && text !== before} disabled={text.trim() === before}>{t("action.save")}</Button>
    </form>
  );
}
