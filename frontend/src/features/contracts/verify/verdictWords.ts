import type { VerifiedChange, VerifiedSignature, VerifyReport } from "../../../api";
import { moment, type Speech } from "../words";

export type Verdict = "valid" | "valid_untrusted" | "changed" | "broken" | "unsigned" | "unknown";
const VERDICTS: readonly Verdict[] = ["valid", "valid_untrusted", "changed", "broken", "unsigned", "unknown"];

/** A verdict that this screen does not know is none. */
export function verdictOf(report: VerifyReport): Verdict {
  return VERDICTS.find((one) => one === report.verdict) ?? "unknown";
}

export const VERDICT_TONES: Record<Verdict, "good" | "warn" | "bad"> = { valid: "good", valid_untrusted: "warn", changed: "bad", broken: "bad", unsigned: "warn", unknown: "warn" };

const WHYS = [
  "bytes_changed", "value_broken", "range_odd", "range_short", "hole_filled", "wrapped", "malformed", "unknown_algorithm", "unknown_format",
  "no_certificate", "certificate_unbound", "stamp_foreign", "stamp_malformed", "several",
] as const;
const CHANGES = [
  "signature_added", "evidence_added", "field_filled", "field_added", "field_changed", "field_removed", "look_changed", "page_added", "page_removed", "page_replaced",
  "content_changed", "annotation_added", "annotation_removed", "annotation_changed", "document_changed", "info_changed", "catalog_replaced", "unreadable",
] as const;
const STANDINGS = ["trusted", "untrusted", "expired", "revoked", "not_for_signing"] as const;
const SEALS = ["right", "without_right", "revoked", "unknown"] as const;
const EVIDENCE = ["forked", "witnesses", "gap", "not_there", "unsigned", "malformed", "other_document", "foreign", "too_long"] as const;

export function whyWords(why: string, { t }: Speech): string {
  const known = WHYS.find((one) => one === why);
  return known ? t(`contracts.why.${known}`) : why === "" ? "" : t("contracts.why.other", { code: why });
}

export function changeWords(change: VerifiedChange, { t, language }: Speech): string {
  const known = CHANGES.find((one) => one === change.kind);
  const what = known ? t(`contracts.change.${known}`) : t("contracts.change.other", { code: change.kind });
  const subject = change.subject === "" ? "" : t("contracts.change.subject", { subject: change.subject });
  const values = change.before !== "" || change.after !== "" ? t("contracts.change.values", { before: change.before || "–", after: change.after || "–" }) : "";
  return [what, subject, values].filter((part) => part !== "").join(language === "zh" ? "" : " ");
}

/** Whether the bytes are the ones that were signed. */
export function integrityWords(signature: VerifiedSignature, speech: Speech): string {
  const { t } = speech;
  if (signature.integrity === "intact") return signature.whole ? t("contracts.integrity.whole") : signature.changes.some((change) => change.matters) ? t("contracts.integrity.changed") : t("contracts.integrity.intact");
  const why = whyWords(signature.why, speech);
  return signature.integrity === "broken" ? t("contracts.integrity.broken", { why }) : t("contracts.integrity.unknown", { why });
}

/** Who vouches for the name. */
export function standingWords(signature: VerifiedSignature, speech: Speech): string {
  const { t, language } = speech;
  const known = STANDINGS.find((one) => one === signature.standing);
  if (!known) return t("contracts.standing.none");
  if (known === "trusted") {
    return signature.kind === "workspace" ? t("contracts.standing.workspace", { root: signature.root || signature.issuer }) : t("contracts.standing.ca", { root: signature.root || signature.issuer });
  }
  return t(`contracts.standing.${known}`, { issuer: signature.issuer, time: moment(signature.revokedUnixMs, language) });
}

/** When it was signed, and who says so. */
export function timeWords(signature: VerifiedSignature, speech: Speech): string {
  const { t, language } = speech;
  if (signature.stampedUnixMs > 0n) {
    const values = { time: moment(signature.stampedUnixMs, language), authority: signature.stampAuthority };
    return signature.stampStanding === "trusted" ? t("contracts.time.stamped", values) : t("contracts.time.stampedUntrusted", values);
  }
  if (signature.stampWhy !== "") return t("contracts.time.bad", { why: whyWords(signature.stampWhy, speech) });
  return signature.claimedUnixMs > 0n ? t("contracts.time.claimed", { time: moment(signature.claimedUnixMs, language) }) : t("contracts.time.none");
}

export function sealWords(signature: VerifiedSignature, { t }: Speech): string {
  const known = SEALS.find((one) => one === signature.seal);
  return known ? t(`contracts.sealStanding.${known}`, { name: signature.sealName }) : "";
}

export function evidenceWords(report: VerifyReport, speech: Speech): string {
  const { t, language } = speech;
  const evidence = report.evidence!;
  if (evidence.good) return t("contracts.evidenceVerdict.good", { number: evidence.number, count: evidence.entries, witnesses: evidence.witnesses, time: moment(evidence.evidenceTimeUnixMs, language) });
  return t("contracts.evidenceVerdict.bad", { why: evidenceWhy(evidence.why, speech) });
}

export function evidenceWhy(why: string, { t }: Speech): string {
  const known = EVIDENCE.find((one) => one === why);
  return known ? t(`contracts.evidenceWhy.${known}`) : why;
}
