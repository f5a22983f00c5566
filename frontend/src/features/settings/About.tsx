import { useTranslation } from "react-i18next";
import { useStatus } from "../../live";
import { Mark } from "../../ui";
import styles from "./settings.module.css";

export function About() {
  const { t } = useTranslation();
  const version = useStatus().data?.version ?? "";
  return (
    <section className={styles.about}>
      <Mark size={56} />
      <h2>Roundtable 圆桌</h2>
      {version !== "" && <p className={styles.note}>{t("settings.version", { version })}</p>}
      <p>{t("settings.aboutText")}</p>
    </section>
  );
}
