import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Settings } from "../../api";
import { Choices, ErrorNote, Segmented, SwitchRow } from "../../ui";
import { useRuntime } from "../../live";
import { QuietHours } from "./QuietHours";
import styles from "./settings.module.css";
import { useSet } from "./useSet";

export function General({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const set = useSet();
  return (
    <>
      {set.error && <ErrorNote cause={set.error} />}
      <section className={styles.block}>
        <h2>{t("settings.language")}</h2>
        <Segmented
          label={t("settings.language")} value={settings.language} onChange={(language) => set.mutate({ language })}
          options={[{ value: "", label: t("settings.system") }, { value: "zh", label: t("language.zh") }, { value: "en", label: t("language.en") }]}
        />
      </section>
      <section className={styles.block}>
        <h2>{t("settings.theme")}</h2>
        <Segmented
          label={t("settings.theme")} value={settings.theme} onChange={(theme) => set.mutate({ theme })}
          options={[{ value: "", label: t("settings.system") }, { value: "light", label: t("settings.light") }, { value: "dark", label: t("settings.dark") }]}
        />
      </section>
      <section className={styles.block}>
        <h2>{t("settings.enter")}</h2>
        <Choices
          label={t("settings.enter")} value={settings.enterSends ? "sends" : "breaks"} onChange={(value) => set.mutate({ enterSends: value === "sends" })}
          options={[{ value: "sends", label: t("settings.enterSends") }, { value: "breaks", label: t("settings.enterBreaks") }]}
        />
        <p className={styles.note}>{t("settings.enterNote")}</p>
      </section>
      <CallChoices settings={settings} />
      <QuietHours settings={settings} />
    </>
  );
}

type Consent = Awaited<ReturnType<ReturnType<typeof useRuntime>["notices"]["consent"]>>;

/** How one hears of a call. */
function CallChoices({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const set = useSet();
  const { notices } = useRuntime();
  const [consent, setConsent] = useState<Consent | null>(null);
  useEffect(() => void notices.consent().then(setConsent), [notices]);
  // Turned on here is asked for here: the press is there that browsers want.
  const turn = (notifyCalls: boolean) => {
    if (notifyCalls && consent === "unasked") void notices.ask().then(setConsent);
    set.mutate({ notifyCalls });
  };
  const turnContracts = (notifyContracts: boolean) => {
    if (notifyContracts && consent === "unasked") void notices.ask().then(setConsent);
    set.mutate({ notifyContracts });
  };
  const may = consent === "granted" || consent === "unasked";
  return (
    <section className={styles.block}>
      <h2>{t("settings.calls")}</h2>
      <div className={styles.list}>
        <SwitchRow label={t("settings.ring")} hint={t("settings.ringNote")} checked={settings.ringCalls} onChange={(ringCalls) => set.mutate({ ringCalls })} />
        <SwitchRow
          label={t("settings.notify")} hint={consent === null || may ? t("settings.notifyNote") : consent === "denied" ? t("settings.notifyDenied") : t("settings.notifyUnsupported")}
          checked={settings.notifyCalls && consent === "granted"} disabled={!may} onChange={turn}
        />
        <SwitchRow label={t("settings.notifyContracts")} hint={t("settings.notifyContractsNote")} checked={settings.notifyContracts && consent === "granted"} disabled={!may} onChange={turnContracts} />
      </div>
    </section>
  );
}
