import { useTranslation } from "react-i18next";
import { cx } from "./cx";
import styles from "./ExternalTag.module.css";

/** Marks somebody of another workspace, or a place where such people are. Where somebody comes from is their own word, and the tip says so. */
export function ExternalTag({ workspace = "", brief = false }: { workspace?: string | undefined; /** In one line with other things: from where is in the tip alone. */ brief?: boolean }) {
  const { t } = useTranslation();
  return (
    <span className={cx(styles.external, (brief || workspace === "") && styles.brief)}>
      {workspace !== "" && !brief && <bdi className={styles.origin}>{workspace}</bdi>}
      <span className={styles.tag} title={workspace === "" ? t("circles.externalTip") : t("circles.externalSays", { workspace })}>{t("circles.external")}</span>
    </span>
  );
}
