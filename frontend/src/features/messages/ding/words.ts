import type { TFunction } from "i18next";
import { DingState, type Ding } from "../../../api";

/** In which conversation it stands. */
export function where(ding: Ding, t: TFunction): string {
  if (ding.isDirect) return t("ding.toYou");
  return ding.conversationName !== "" ? t("ding.inGroup", { name: ding.conversationName }) : t("ding.inEveryone");
}

/** How old it is, in words; a time that lies ahead of this clock is now. */
export function ago(ms: number, now: number, t: TFunction): string {
  const minutes = Math.max(0, Math.floor((now - ms) / 60_000));
  if (minutes < 1) return t("ding.now");
  if (minutes < 60) return t("ding.minutesAgo", { count: minutes });
  return minutes < 48 * 60 ? t("ding.hoursAgo", { count: Math.floor(minutes / 60) }) : t("ding.daysAgo", { count: Math.floor(minutes / 60 / 24) });
}

export const STATES = [DingState.CONFIRMED, DingState.SEEN, DingState.DELIVERED, DingState.AT_RELAY, DingState.WAITING] as const;

export function stateTitle(state: (typeof STATES)[number], t: TFunction): string {
  const words = { [DingState.CONFIRMED]: "confirmed", [DingState.SEEN]: "seen", [DingState.DELIVERED]: "delivered", [DingState.AT_RELAY]: "atRelay", [DingState.WAITING]: "waiting" } as const;
  return t(`ding.state.${words[state]}`);
}
