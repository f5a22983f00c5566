import { FilePenLine, FileStack, FileUp, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useGo } from "../../../lib/routes";
import styles from "./home.module.css";

/** What this place is for, and the first steps. */
export function Home({ ws, fresh, onNew }: { ws: string; fresh: boolean; onNew: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const steps = [
    { key: "document", Icon: FileUp, deed: onNew }, { key: "template", Icon: FileStack, deed: () => go.templates(ws) }, { key: "verify", Icon: ShieldCheck, deed: () => go.verify(ws) },
  ] as const;
  return (
    <div className={styles.home}>
      <span className={styles.picture} aria-hidden><FilePenLine /></span>
      <h1>{fresh ? t("contracts.home.title") : t("contracts.home.choose")}</h1>
      <p>{t("contracts.home.text")}</p>
      <div className={styles.steps}>
        {steps.map(({ key, Icon, deed }) => (
          <button key={key} type="button" className={styles.step} onClick={deed}>
            <Icon aria-hidden /><span><b>{t(`contracts.home.${key}`)}</b><small>{t(`contracts.home.${key}Note`)}</small></span>
          </button>
        ))}
      </div>
      <p className={styles.hint}>{t("contracts.home.drop")}</p>
    </div>
  );
}
