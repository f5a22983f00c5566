import type { TFunction } from "i18next";
import { CallEndReason, CallRole, ConversationKind, NetworkQuality, NetworkReason, PastCallOutcome, type CallParticipant, type CallState, type Conversation } from "../../api";
import { useTranslation } from "react-i18next";
import { useConversations, useSomeMembers } from "../../live";

/** 0:05, 12:30, 1:02:03 */
export function duration(ms: number): string {
  const seconds = Math.max(Math.floor(ms / 1000), 0);
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** How many of three bars are full. */
export function bars(quality: NetworkQuality): number {
  return quality === NetworkQuality.GOOD || quality === NetworkQuality.UNSPECIFIED ? 3 : quality === NetworkQuality.FAIR ? 2 : quality === NetworkQuality.POOR ? 1 : 0;
}

/** How the way to somebody is, and why, as one sentence. */
export function networkWords({ network, networkReason, lossPercent, roundTripMs }: Pick<CallParticipant, "network" | "networkReason" | "lossPercent" | "roundTripMs">, t: TFunction): string {
  const how = t(`meetings.network.${(["good", "good", "fair", "poor", "lost"] as const)[network] ?? "good"}`);
  switch (networkReason) {
    case NetworkReason.LOSS:
      return `${how} ${t("meetings.network.loss", { percent: Math.max(Math.round(lossPercent), 1) })}`;
    case NetworkReason.DELAY:
      return `${how} ${t("meetings.network.delay", { ms: roundTripMs })}`;
    case NetworkReason.BANDWIDTH:
      return `${how} ${t("meetings.network.bandwidth")}`;
    case NetworkReason.UNREACHABLE:
      return `${how} ${t("meetings.network.unreachable")}`;
    default:
      return how;
  }
}

/** By which way, and how long there and back. */
export function wayWords({ way, roundTripMs }: Pick<CallParticipant, "way" | "roundTripMs">, t: TFunction): string {
  const by = way === "direct" ? t("meetings.way.direct") : way === "relay" ? t("meetings.way.relay") : "";
  return [by, way !== "" && roundTripMs > 0 ? t("meetings.way.ms", { ms: roundTripMs }) : ""].filter(Boolean).join(" · ");
}

const ENDS = ["over", "left", "endedByHost", "removed", "declined", "unanswered", "denied", "elsewhere"] as const;

export function endWords(reason: CallEndReason, t: TFunction): { title: string; text: string } {
  const key = ENDS[reason] ?? "over";
  return { title: t(`meetings.end.${key}`), text: t(`meetings.endText.${key}`) };
}

export type OutcomeTone = "bad" | "quiet";

export function outcomeWords(outcome: PastCallOutcome, t: TFunction): { text: string; tone: OutcomeTone } {
  switch (outcome) {
    case PastCallOutcome.MISSED:
      return { text: t("meetings.past.missed"), tone: "bad" };
    case PastCallOutcome.DECLINED:
      return { text: t("meetings.past.declined"), tone: "quiet" };
    case PastCallOutcome.UNANSWERED:
      return { text: t("meetings.past.unanswered"), tone: "quiet" };
    default:
      return { text: t("meetings.past.held"), tone: "quiet" };
  }
}

/** What marks somebody who is no colleague; "" for one. */
export function outsideWord({ external, guest }: Pick<CallParticipant, "external" | "guest">, t: TFunction): string {
  return guest ? t("meetings.guests.tag") : external ? t("meetings.external") : "";
}

export function roleWords(role: CallRole, t: TFunction): string {
  return role === CallRole.HOST ? t("meetings.role.host") : role === CallRole.COHOST ? t("meetings.role.cohost") : "";
}

export interface Named {
  readonly conversationId: string;
  readonly title: string;
}

export function conversationName(conversation: Pick<Conversation, "kind" | "name">, t: TFunction): string {
  return conversation.kind === ConversationKind.EVERYONE ? t("messages.everyone") : conversation.name;
}

/** What people call a call: its title, else the conversation that it is in; and the names of some people. */
export function useCallNames(ws: string, people: readonly string[] = []) {
  const { t } = useTranslation();
  const conversations = useConversations(ws).data ?? [];
  const members = useSomeMembers(ws, people);
  const conversation = (id: string) => conversations.find((one) => one.id === id);
  return {
    conversation,
    isDirect: (id: string) => conversation(id)?.kind === ConversationKind.DIRECT,
    /** The tint of a call between two is the other one's. */
    face: (id: string) => {
      const found = conversation(id);
      return found?.kind === ConversationKind.DIRECT ? found.personId : id;
    },
    ofCall: ({ title, conversationId }: Named, fallback = "") => {
      const found = conversation(conversationId);
      return title !== "" ? title : found ? conversationName(found, t) : fallback;
    },
    ofPerson: (id: string, known = "") => members.get(id)?.name ?? known,
  };
}

/** The names of those in a call, as this device knows them. */
export function usePersonNames({ call, participants, lobby }: CallState) {
  const { t } = useTranslation();
  const members = useSomeMembers(call!.workspaceId, [...participants, ...lobby].filter(({ name }) => name === "").map(({ personId }) => personId));
  return ({ personId, name }: Pick<CallParticipant, "personId" | "name">) => (name !== "" ? name : (members.get(personId)?.name ?? t("meetings.somebody")));
}
