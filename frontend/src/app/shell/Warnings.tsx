import { useTranslation } from "react-i18next";
import { useStatus } from "../../live";
import { InfoNote } from "../../ui";
import styles from "./Shell.module.css";

const KNOWN = ["disk_full", "feed_forked", "clock_ahead", "projection_failed", "history_awaited"] as const;

export function Warnings() {
  const { t } = useTranslation();
  const warnings = useStatus().data?.warnings ?? [];
  if (warnings.length === 0) return null;
  return (
    <div className={styles.warnings} role="status">
      {warnings.map((code) => {
        const known = KNOWN.find((candidate) => candidate === code);
        return <InfoNote key={code} tone="warn">{known ? t(`warnings.${known}`) : t("warnings.other", { code })}</InfoNote>;
      })}
    </div>
  );
}
