import { useTranslation } from "react-i18next";
import type { Settings } from "../../api";
import { ErrorNote, SwitchRow } from "../../ui";
import styles from "./settings.module.css";
import { useSet } from "./useSet";

export function Privacy({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const set = useSet();
  return (
    <>
      {set.error && <ErrorNote cause={set.error} />}
      <section className={styles.list}>
        <SwitchRow label={t("settings.nearby")} hint={t("settings.nearbyNote")} checked={settings.visibleNearby} onChange={(visibleNearby) => set.mutate({ visibleNearby })} />
        <SwitchRow label={t("settings.receipts")} hint={t("settings.receiptsNote")} checked={settings.sendReadReceipts} onChange={(sendReadReceipts) => set.mutate({ sendReadReceipts })} />
        <SwitchRow label={t("settings.typing")} hint={t("settings.typingNote")} checked={settings.sendTyping} onChange={(sendTyping) => set.mutate({ sendTyping })} />
      </section>
    </>
  );
}
