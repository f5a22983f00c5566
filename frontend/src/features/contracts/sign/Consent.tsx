import { useTranslation } from "react-i18next";
import { CheckRow } from "../../../ui";
import styles from "./sign.module.css";

/** The statement that is agreed to; its words change only with a new version, since contracts name it. */
export const CONSENT_VERSION = "consent.1";

const LAWS = ["china", "labour", "eu", "us"] as const;

export function Consent({ agreed, onAgreed }: { agreed: boolean; onAgreed: (agreed: boolean) => void }) {
  const { t } = useTranslation();
  return (
    <section className={styles.consent} aria-label={t("contracts.consent.title")}>
      <h3>{t("contracts.consent.title")}</h3>
      <p>{t("contracts.consent.statement")}</p>
      <details>
        <summary>{t("contracts.consent.more")}</summary>
        <p>{t("contracts.consent.means")}</p>
        <ul>{LAWS.map((law) => <li key={law}>{t(`contracts.consent.${law}`)}</li>)}</ul>
        <p>{t("contracts.consent.advice")}</p>
      </details>
      <CheckRow label={t("contracts.consent.agree")} checked={agreed} onChange={onAgreed} />
    </section>
  );
}
