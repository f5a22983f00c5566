import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { ContractState, PartyRole, PartyState, type Contract, type ContractRow, type Party } from "../../api";
import { joinNames } from "../../lib/names";
import { brief, daysAgo, full } from "../../lib/time";

export interface Speech {
  readonly t: TFunction;
  readonly language: string;
}

export type Tone = "good" | "busy" | "idle" | "warn" | "bad" | "mine";

export interface Said {
  readonly tone: Tone;
  readonly text: string;
}

export function useSpeech(): Speech {
  const { t, i18n } = useTranslation();
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => ({ t, language: i18n.language }), [t, i18n.language]);
}

const QUEUED = ["turn", "key", "document", "time"] as const;

/** What a consent waits for before it becomes a signature. */
export function queuedWords(queued: string, { t }: Speech): string {
  const known = QUEUED.find((one) => one === queued);
  return known ? t(`contracts.queued.${known}`) : t("contracts.queued.other");
}

/** The one plain sentence about a contract in a list. It never says more than is known. */
export function rowWords(row: ContractRow, speech: Speech): Said {
  const { t, language } = speech;
  switch (row.state) {
    case ContractState.DRAFT:
      return { tone: "idle", text: t("contracts.row.draft") };
    case ContractState.COMPLETED:
      return { tone: "good", text: t("contracts.row.completed") };
    case ContractState.DECLINED:
      return { tone: "bad", text: row.isSender ? t("contracts.row.declinedMine") : t("contracts.row.declined") };
    case ContractState.VOIDED:
      return { tone: "idle", text: t("contracts.row.voided") };
    case ContractState.EXPIRED:
      return { tone: "idle", text: t("contracts.row.expired") };
    default:
      if (row.queued !== "") return { tone: "busy", text: queuedWords(row.queued, speech) };
      if (row.unchecked && row.waitingFor.length === 0) return { tone: "busy", text: t("contracts.row.unchecked") };
      if (row.mineToDo) return { tone: "mine", text: t("contracts.row.mine") };
      if (row.waitingFor.length === 0) return { tone: "busy", text: t("contracts.row.running") };
      return { tone: "busy", text: t("contracts.row.waiting", { names: someNames(row.waitingFor, speech), count: row.waitingFor.length, language }) };
  }
}

/** Two names, and how many more there are. */
export function someNames(names: readonly string[], { t, language }: Speech): string {
  if (names.length <= 2) return joinNames(names, language);
  return t("contracts.row.andMore", { names: joinNames(names.slice(0, 2), language), count: names.length - 2 });
}

/** Due today, in 3 days, on a date; null without a deadline. A deadline that has passed is said as such. */
export function deadlineWords(ms: bigint, now: number, { t, language }: Speech): Said | null {
  if (ms === 0n) return null;
  const at = Number(ms);
  const days = -daysAgo(at, now);
  if (at < now) return { tone: "bad", text: t("contracts.deadline.passed", { date: brief(at, now, language, { today: "", yesterday: t("messages.yesterday") }) }) };
  if (days === 0) return { tone: "warn", text: t("contracts.deadline.today") };
  if (days <= 7) return { tone: days <= 2 ? "warn" : "idle", text: t("contracts.deadline.days", { count: days }) };
  return { tone: "idle", text: t("contracts.deadline.date", { date: date(at, language) }) };
}

/** From how many days before on the list says that the obligations of a contract end. */
const ENDS_SOON = 30;

/** When the obligations of a complete contract end, once that is near; what has ended is said for as long. */
export function endsWords(ms: bigint, now: number, { t, language }: Speech): Said | null {
  if (ms === 0n) return null;
  const at = Number(ms);
  const days = -daysAgo(at, now);
  if (Math.abs(days) > ENDS_SOON) return null;
  if (at < now) return { tone: "bad", text: t("contracts.ends.passed", { date: date(at, language) }) };
  return { tone: days <= 7 ? "warn" : "idle", text: days === 0 ? t("contracts.ends.today") : t("contracts.ends.days", { count: days }) };
}

/** 2026年11月30日 */
export function date(ms: number, language: string): string {
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { dateStyle: "long" }).format(ms);
}

export function moment(ms: bigint, language: string): string {
  return ms === 0n ? "" : full(Number(ms), language);
}

const ROLES: Partial<Record<PartyRole, "signer" | "approver" | "viewer" | "copy">> = {
  [PartyRole.SIGNER]: "signer", [PartyRole.APPROVER]: "approver", [PartyRole.VIEWER]: "viewer", [PartyRole.COPY]: "copy",
};
export const roleKey = (role: PartyRole) => ROLES[role] ?? "signer";

/** Where a party is, in words. */
export function partyWords(party: Party, speech: Speech): Said {
  const { t } = speech;
  // What its device says; whether the signature is good is found when its bytes are here.
  if (party.unchecked) return { tone: "busy", text: t("contracts.party.unchecked") };
  switch (party.state) {
    case PartyState.SIGNED: return { tone: "good", text: t("contracts.party.signed") };
    case PartyState.APPROVED: return { tone: "good", text: t("contracts.party.approved") };
    case PartyState.CONSENTED: return { tone: "busy", text: t("contracts.party.consented") };
    case PartyState.OPENED: return { tone: "busy", text: t("contracts.party.opened") };
    case PartyState.DECLINED: return { tone: "bad", text: party.role === PartyRole.APPROVER ? t("contracts.party.sentBack") : t("contracts.party.declined") };
    case PartyState.INVITED: return { tone: "idle", text: t("contracts.party.invited") };
    case PartyState.SEAL_ASKED: return { tone: "busy", text: t("contracts.party.sealAsked") };
    case PartyState.LATER: return { tone: "idle", text: party.role === PartyRole.COPY ? t("contracts.party.copyLater") : t("contracts.party.later") };
    default: return { tone: "busy", text: party.role === PartyRole.VIEWER || party.role === PartyRole.COPY ? t("contracts.party.notOpened") : t("contracts.party.waiting") };
  }
}

/** The sentence at the head of a contract. */
export function contractWords(contract: Contract, speech: Speech): Said {
  const { t } = speech;
  // Who only views it or gets a copy keeps nobody waiting.
  const acts = (party: Party) => party.role === PartyRole.SIGNER || party.role === PartyRole.APPROVER;
  const waiting = contract.parties.filter((party) => acts(party) && (party.state === PartyState.WAITING || party.state === PartyState.OPENED || party.state === PartyState.SEAL_ASKED));
  switch (contract.state) {
    case ContractState.COMPLETED: return { tone: "good", text: t("contracts.state.completed", { time: moment(contract.completedUnixMs, speech.language) }) };
    case ContractState.DECLINED: {
      const who = contract.parties.find((party) => party.state === PartyState.DECLINED);
      return { tone: "bad", text: t(who?.role === PartyRole.APPROVER ? "contracts.state.sentBack" : "contracts.state.declined", { name: who?.name ?? "" }) };
    }
    case ContractState.VOIDED: return { tone: "idle", text: t("contracts.state.voided") };
    case ContractState.EXPIRED: return { tone: "idle", text: t("contracts.state.expired") };
    default:
      if (contract.queued !== "") return { tone: "busy", text: queuedWords(contract.queued, speech) };
      if (contract.locked && waiting.some((party) => party.isMe)) return { tone: "mine", text: t("contracts.state.locked") };
      if (contract.canSign) return { tone: "mine", text: t("contracts.state.sign") };
      if (contract.canApprove) return { tone: "mine", text: t("contracts.state.approve") };
      if (waiting.length === 0) return { tone: "busy", text: contract.unchecked ? t("contracts.row.unchecked") : t("contracts.row.running") };
      return { tone: "busy", text: t("contracts.row.waiting", { names: someNames(waiting.map((party) => party.name), speech), count: waiting.length }) };
  }
}

export const acts = (party: Party) => party.role === PartyRole.SIGNER || party.role === PartyRole.APPROVER;
export const hasActed = (party: Party) => party.state === PartyState.SIGNED || party.state === PartyState.APPROVED;

/** A digest for people: enough to compare by eye. */
export const shortHash = (hash: string) => (hash.length > 16 ? `${hash.slice(0, 8)}…${hash.slice(-4)}` : hash);

/** A fingerprint in groups of four, as people compare it. */
export const grouped = (fingerprint: string) => (/^[0-9a-f]+$/i.test(fingerprint) ? (fingerprint.toUpperCase().match(/.{1,4}/g) ?? []).join(" ") : fingerprint);
