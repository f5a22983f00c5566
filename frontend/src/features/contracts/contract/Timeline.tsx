import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Contract, ContractEvent } from "../../../api";
import { useRuntime } from "../../../live";
import { moment, shortHash, useSpeech, type Speech } from "../words";
import styles from "./contract.module.css";

const KINDS = [
  "sent", "opened", "consented", "withdrawn", "signed", "approved", "sealed", "declined", "reassigned", "voided", "reminded", "deadline_set",
  "seal_asked", "seal_refused", "completed", "preserved", "joined", "conflict",
] as const;
const STRONG = new Set(["sent", "signed", "approved", "sealed", "completed"]);
const BAD = new Set(["declined", "voided", "seal_refused", "conflict"]);

/** What an event says, as one sentence. */
export function eventWords(event: ContractEvent, { t }: Speech): string {
  const kind = KINDS.find((one) => one === event.kind);
  // Who takes over, then why.
  const [note = "", ...why] = event.kind === "reassigned" ? event.note.split("\n") : [event.note];
  return kind ? t(`contracts.event.${kind}`, { name: event.personName, note: [note, ...why].join(" · ") }) : t("contracts.event.other", { name: event.personName, kind: event.kind });
}

/** Everything that happened, with what proves it. */
export function Timeline({ contract }: { contract: Contract }) {
  const { t } = useTranslation();
  const speech = useSpeech();
  const evidence = contract.evidence;
  return (
    <div className={styles.block}>
      <h3>{t("contracts.side.timeline")}</h3>
      {evidence && evidence.entries > 0 && <p className={styles.quiet}>{t("contracts.side.witnessed", { count: evidence.entries, witnessed: evidence.witnessed, witnesses: evidence.witnesses.length })}</p>}
      <ol className={styles.timeline}>
        {contract.timeline.map((event, index) => (
          <li key={index} className={styles.event} data-strong={STRONG.has(event.kind) && !event.void && !event.unchecked && !event.wrong ? "" : undefined} data-bad={event.wrong || (BAD.has(event.kind) && !event.void) ? "" : undefined} data-void={event.void ? "" : undefined}>
            <p>{eventWords(event, speech)}</p>
            {event.void && <small>{t("contracts.event.void")}</small>}
            {event.wrong ? <small className={styles.wrong}>{t("contracts.event.wrong")}</small> : event.unchecked && <small>{t("contracts.event.unchecked")}</small>}
            {event.certificateSubject !== "" && event.certificateSubject !== event.personName && <small>{t("contracts.event.subject", { name: event.certificateSubject })}</small>}
            <small>{moment(event.unixMs, speech.language)}{event.deviceName !== "" && ` · ${event.deviceName}`}</small>
            {event.note !== "" && event.kind !== "reassigned" && <small>{event.note}</small>}
            {(event.kind === "signed" || event.kind === "sealed" || event.kind === "preserved") && (
              <small>
                {event.level !== "" && `PAdES ${event.level} · `}
                {event.stampedUnixMs > 0n ? t("contracts.event.stamped", { time: moment(event.stampedUnixMs, speech.language) }) : t("contracts.event.unstamped")}
              </small>
            )}
            {event.certificateIssuer !== "" && <small>{t("contracts.event.issuer", { issuer: event.certificateIssuer })}</small>}
            {event.sha256 !== "" && <Hash value={event.sha256} />}
          </li>
        ))}
      </ol>
    </div>
  );
}

export function Hash({ value }: { value: string }) {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const [done, setDone] = useState(false);
  return (
    <button
      type="button" className={styles.hash} title={value} aria-label={t("contracts.hash.copy", { hash: shortHash(value) })}
      onClick={() => void runtime.copyText(value).then(() => {
        setDone(true);
        setTimeout(() => setDone(false), 2000);
      }, () => {})}
    >
      SHA-256 {shortHash(value)}{done ? <Check aria-hidden /> : <Copy aria-hidden />}
    </button>
  );
}
