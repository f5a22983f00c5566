import { create } from "@bufbuild/protobuf";
import { CircleAlert, Paperclip } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ContractEventSchema, type EvidenceVerdict, type VerifiedAttachment } from "../../../api";
import { eventWords, Hash } from "../contract/Timeline";
import { moment, useSpeech } from "../words";
import { evidenceWhy } from "./verdictWords";
import styles from "./verify.module.css";

/** What a certificate of evidence brings along and does not prove. */
export function EvidenceDoubts({ evidence }: { evidence: EvidenceVerdict }) {
  const { t } = useTranslation();
  const speech = useSpeech();
  return (
    <>
      {evidence.leftOut.map((log, index) => (
        <p key={index} className={styles.line} data-tone="warn"><CircleAlert aria-hidden /><span>{t("contracts.evidenceVerdict.leftOut", { name: log.person, why: evidenceWhy(log.why, speech) })}</span></p>
      ))}
      {evidence.claimed.length > 0 && (
        <div className={styles.changes}>
          <h4>{t("contracts.evidenceVerdict.claimed", { count: evidence.claimed.length })}</h4>
          <ul>
            {evidence.claimed.map((entry, index) => (
              <li key={index}>{eventWords(create(ContractEventSchema, { kind: entry.kind, personName: entry.person, note: entry.note }), speech)} · {moment(entry.unixMs, speech.language)}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

/** Files beside the document that it names by their hashes. */
export function AttachedFiles({ files }: { files: readonly VerifiedAttachment[] }) {
  const { t } = useTranslation();
  if (files.length === 0) return null;
  return (
    <section className={styles.card} data-tone={files.every((file) => file.signature > 0) ? "good" : "warn"} aria-label={t("contracts.attached.title")}>
      <header><h3>{t("contracts.attached.title")}</h3></header>
      <p className={styles.said}>{t("contracts.attached.text")}</p>
      {files.map((file) => (
        <div key={file.field} className={styles.line} data-tone={file.signature > 0 ? "good" : "warn"}>
          <Paperclip aria-hidden />
          <div>
            <p><bdi>{file.name}</bdi></p>
            <p className={styles.said}>{file.signature > 0 ? t("contracts.attached.signed", { number: file.signature }) : t("contracts.attached.unsigned")}</p>
            <Hash value={file.sha256} />
          </div>
        </div>
      ))}
    </section>
  );
}
