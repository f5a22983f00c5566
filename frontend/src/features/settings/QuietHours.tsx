import { useTranslation } from "react-i18next";
import type { Settings } from "../../api";
import { Choices, ErrorNote, Field, SwitchRow } from "../../ui";
import styles from "./settings.module.css";
import { useSet } from "./useSet";

const two = (value: number) => String(value).padStart(2, "0");
const text = (minutes: number) => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** When nothing sounds, and what becomes of messages whose time passed meanwhile. */
export function QuietHours({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const set = useSet();
  return (
    <>
      <section className={styles.block}>
        <h2>{t("settings.quiet")}</h2>
        <div className={styles.list}>
          <SwitchRow label={t("settings.quietOn")} hint={t("settings.quietNote")} checked={settings.quiet} onChange={(quiet) => set.mutate({ quiet })} />
          {settings.quiet && (
            <div className={styles.pair}>
              <Field label={t("settings.quietFrom")} type="time" value={text(settings.quietFrom)} onChange={(event) => event.target.value !== "" && set.mutate({ quietFrom: minutes(event.target.value) })} />
              <Field label={t("settings.quietTo")} type="time" value={text(settings.quietTo)} onChange={(event) => event.target.value !== "" && set.mutate({ quietTo: minutes(event.target.value) })} />
            </div>
          )}
          <SwitchRow label={t("settings.dingInQuiet")} hint={t("settings.dingInQuietNote")} checked={settings.dingInQuiet} onChange={(dingInQuiet) => set.mutate({ dingInQuiet })} />
        </div>
        {set.error && <ErrorNote cause={set.error} />}
      </section>
      <section className={styles.block}>
        <h2>{t("settings.late")}</h2>
        <Choices
          label={t("settings.late")} value={settings.scheduledLate} onChange={(scheduledLate) => set.mutate({ scheduledLate })}
          options={[{ value: "", label: t("settings.lateHour") }, { value: "ask", label: t("settings.lateAsk") }, { value: "send", label: t("settings.lateSend") }]}
        />
        <p className={styles.note}>{t("settings.lateNote")}</p>
      </section>
    </>
  );
}
