import { useTranslation } from "react-i18next";
import styles from "./ExternalTag.module.css";

/** Marks somebody of another workspace, or a place where such people are. Where somebody comes from is their own word, and the tip says so. */
export function ExternalTag({ workspace = "" }: { workspace?: string }) {
  const { t } = useTranslation();
  return (
    <span className={styles.external}>
      {workspace !== "" && <bdi className={styles.origin}>{workspace}</bdi>}
      <span className={styles.tag} title={workspace === "" ? t("circles.externalTip") : t("circles.externalSays", { workspace })}>{t("circles.external")}</span>
    </span>
  );
}
