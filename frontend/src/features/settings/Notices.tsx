import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Settings } from "../../api";
import { useRuntime } from "../../live";
import { SwitchRow } from "../../ui";
import styles from "./settings.module.css";
import { useSet } from "./useSet";

type Consent = Awaited<ReturnType<ReturnType<typeof useRuntime>["notices"]["consent"]>>;
type Notify = "notifyMessages" | "notifyCalls" | "notifyContracts";

/** What the system tells of while nobody looks at the window, and how one hears of a call. */
export function Notices({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const set = useSet();
  const { notices } = useRuntime();
  const [consent, setConsent] = useState<Consent | null>(null);
  useEffect(() => void notices.consent().then(setConsent), [notices]);
  const may = consent === "granted" || consent === "unasked";
  const row = (key: Notify, label: string, hint: string) => (
    <SwitchRow
      label={label} hint={consent === null || may ? hint : consent === "denied" ? t("settings.notifyDenied") : t("settings.notifyUnsupported")}
      checked={settings[key] && consent === "granted"} disabled={!may}
      onChange={(on) => {
        // Turned on here is asked for here: the press is there that browsers want.
        if (on && consent === "unasked") void notices.ask().then(setConsent);
        set.mutate({ [key]: on });
      }}
    />
  );
  return (
    <>
      <section className={styles.block}>
        <h2>{t("settings.messages")}</h2>
        <div className={styles.list}>
          {row("notifyMessages", t("settings.notifyMessages"), t("settings.notifyMessagesNote"))}
          <SwitchRow
            label={t("settings.notifyWords")} hint={t("settings.notifyWordsNote")} checked={settings.notifyWords} disabled={!may || !settings.notifyMessages}
            onChange={(notifyWords) => set.mutate({ notifyWords })}
          />
        </div>
      </section>
      <section className={styles.block}>
        <h2>{t("settings.calls")}</h2>
        <div className={styles.list}>
          <SwitchRow label={t("settings.ring")} hint={t("settings.ringNote")} checked={settings.ringCalls} onChange={(ringCalls) => set.mutate({ ringCalls })} />
          {row("notifyCalls", t("settings.notify"), t("settings.notifyNote"))}
          {row("notifyContracts", t("settings.notifyContracts"), t("settings.notifyContractsNote"))}
        </div>
      </section>
    </>
  );
}
