import { BadgeCheck, CircleAlert, CircleCheck, CircleX, Clock, FileQuestion, ShieldAlert, ShieldCheck, ShieldX, Stamp, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { VerifiedChange, VerifiedSignature, VerifyReport } from "../../../api";
import { useGo } from "../../../lib/routes";
import { Button, InfoNote } from "../../../ui";
import { Hash } from "../contract/Timeline";
import { date, grouped, useSpeech } from "../words";
import { AttachedFiles, EvidenceDoubts } from "./Beside";
import { changeWords, evidenceWords, integrityWords, sealWords, standingWords, timeWords, VERDICT_TONES, verdictOf } from "./verdictWords";
import styles from "./verify.module.css";

const ICONS: Record<"good" | "warn" | "bad", LucideIcon> = { good: ShieldCheck, warn: ShieldAlert, bad: ShieldX };

/** The verdict first and plain, then what it rests on. */
export function Report({ ws, report, onPage }: { ws: string; report: VerifyReport; onPage: (page: number) => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const speech = useSpeech();
  const verdict = verdictOf(report);
  const tone = VERDICT_TONES[verdict];
  const Icon = verdict === "unsigned" ? FileQuestion : ICONS[tone];
  const evidence = report.evidence?.present ? report.evidence : undefined;
  return (
    <aside className={styles.report} aria-label={t("contracts.verify.report")}>
      <div className={styles.verdict} data-tone={tone} role="status">
        <Icon aria-hidden />
        <h2>{t(`contracts.verdict.${verdict}`)}</h2>
        <p>{t(`contracts.verdict.${verdict}Text`)}</p>
      </div>
      {evidence && (
        <div className={styles.evidence} data-tone={evidence.good ? "good" : "bad"}>
          <BadgeCheck aria-hidden /><div><h3>{t("contracts.evidenceVerdict.title")}</h3><p>{evidenceWords(report, speech)}</p><EvidenceDoubts evidence={evidence} /></div>
        </div>
      )}
      {report.repaired && <InfoNote tone="warn">{t("contracts.verify.repaired")}</InfoNote>}
      {report.ambiguous && <InfoNote tone="warn">{t("contracts.verify.ambiguous")}</InfoNote>}
      {report.signatures.map((signature, index) => <SignatureCard key={index} signature={signature} onPage={onPage} />)}
      <AttachedFiles files={report.attached} />
      <div className={styles.file}>
        <h3><bdi>{report.name}</bdi></h3>
        <p>{t("contracts.send.pages", { count: report.pages })}</p>
        <Hash value={report.sha256} />
        {report.contractId !== "" && <Button kind="quiet" onClick={() => go.contract(ws, report.contractId)}>{t("contracts.verify.known")}</Button>}
      </div>
    </aside>
  );
}

function SignatureCard({ signature, onPage }: { signature: VerifiedSignature; onPage: (page: number) => void }) {
  const { t } = useTranslation();
  const speech = useSpeech();
  const intact = signature.integrity === "intact";
  const matters = signature.changes.filter((change) => change.matters);
  const fine = signature.changes.filter((change) => !change.matters);
  const tone = signature.integrity === "broken" || matters.length > 0 || signature.standing === "revoked" || signature.seal === "without_right" || signature.seal === "revoked" ? "bad" : signature.valid ? "good" : "warn";
  const seal = sealWords(signature, speech);
  return (
    <article className={styles.card} data-tone={tone} aria-label={signature.name || signature.subject}>
      <header>
        <h3><bdi>{signature.documentStamp ? t("contracts.verify.stamp") : signature.subject || signature.name || t("contracts.verify.nobody")}</bdi></h3>
        {signature.level !== "" && <small>PAdES {signature.level}</small>}
      </header>
      <Line Icon={intact && matters.length === 0 ? CircleCheck : CircleX} tone={intact && matters.length === 0 ? "good" : signature.integrity === "unknown" ? "warn" : "bad"}>{integrityWords(signature, speech)}</Line>
      {!signature.documentStamp && <Line Icon={signature.standing === "trusted" ? CircleCheck : CircleAlert} tone={signature.standing === "trusted" ? "good" : signature.standing === "revoked" ? "bad" : "warn"}>{standingWords(signature, speech)}</Line>}
      <Line Icon={Clock} tone={signature.stampedUnixMs > 0n && signature.stampStanding === "trusted" ? "good" : "warn"}>{timeWords(signature, speech)}</Line>
      {seal !== "" && <Line Icon={Stamp} tone={signature.seal === "right" ? "good" : signature.seal === "unknown" ? "warn" : "bad"}>{seal}</Line>}
      {signature.reason !== "" && <p className={styles.said}>{t("contracts.verify.reason", { reason: signature.reason })}</p>}
      {matters.length > 0 && <Changes title={t("contracts.verify.changed")} changes={matters} onPage={onPage} strong />}
      {fine.length > 0 && <Changes title={t("contracts.verify.later")} changes={fine} onPage={onPage} />}
      {!signature.documentStamp && signature.fingerprint !== "" && (
        <details className={styles.more}>
          <summary>{t("contracts.verify.certificate")}</summary>
          <dl>
            <div><dt>{t("contracts.verify.subject")}</dt><dd>{signature.subject}</dd></div>
            <div><dt>{t("contracts.verify.issuer")}</dt><dd>{signature.issuer}</dd></div>
            <div><dt>{t("contracts.verify.validity")}</dt><dd>{date(Number(signature.notBeforeUnixMs), speech.language)} – {date(Number(signature.notAfterUnixMs), speech.language)}</dd></div>
            <div><dt>{t("contracts.verify.fingerprint")}</dt><dd className={styles.mono}>{grouped(signature.fingerprint)}</dd></div>
            <div><dt>{t("contracts.verify.format")}</dt><dd>{signature.format}</dd></div>
          </dl>
        </details>
      )}
    </article>
  );
}

function Line({ Icon, tone, children }: { Icon: LucideIcon; tone: "good" | "warn" | "bad"; children: ReactNode }) {
  return <p className={styles.line} data-tone={tone}><Icon aria-hidden /><span>{children}</span></p>;
}

function Changes({ title, changes, strong, onPage }: { title: string; changes: readonly VerifiedChange[]; strong?: boolean; onPage: (page: number) => void }) {
  const { t } = useTranslation();
  const speech = useSpeech();
  return (
    <div className={styles.changes} data-strong={strong ? "" : undefined}>
      <h4>{title}</h4>
      <ul>
        {changes.map((change, index) => (
          <li key={index}>{changeWords(change, speech)}{change.page > 0 && <button type="button" onClick={() => onPage(change.page)}>{t("contracts.row.page", { page: change.page })}</button>}</li>
        ))}
      </ul>
    </div>
  );
}
