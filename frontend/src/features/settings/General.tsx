import { useTranslation } from "react-i18next";
import type { Settings } from "../../api";
import { Choices, ErrorNote, Segmented } from "../../ui";
import { Notices } from "./Notices";
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
      <Notices settings={settings} />
      <QuietHours settings={settings} />
    </>
  );
}
