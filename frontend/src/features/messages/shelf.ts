import type { Conversation } from "../../api";

/** What is shown of the list. */
export type Filter = "all" | "unread" | "mentions";

const ALWAYS = -1n;
const HOUR = 3_600_000;
/** When work begins again, for what is muted until tomorrow. */
const MORNING = 8;

export const isPinned = (conversation: Conversation) => (conversation.kept?.pinned ?? 0) > 0;
export const isArchived = (conversation: Conversation) => conversation.kept?.archived ?? false;

/** Whether it makes no notice now. The program says until when; that may have passed since it said so. */
export function isMuted(conversation: Conversation, now = Date.now()): boolean {
  const until = conversation.kept?.mutedUntilUnixMs ?? 0n;
  return until === ALWAYS || until > BigInt(now);
}

export function passes(conversation: Conversation, filter: Filter): boolean {
  if (isArchived(conversation)) return false;
  return filter === "all" || (filter === "unread" ? conversation.unread > 0 : conversation.mentionId !== "");
}

/** The next morning, of the day after this one. */
export function tomorrow(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, MORNING);
}

export const inAnHour = (now: Date) => new Date(now.getTime() + HOUR);

/** When the first of the muted ones makes notices again, in ms from now; undefined when none does by itself. */
export function nextUnmuting(all: readonly Conversation[], now: number): number | undefined {
  const ends = all.map((one) => Number(one.kept?.mutedUntilUnixMs ?? 0n)).filter((end) => end > now);
  return ends.length === 0 ? undefined : Math.min(...ends) - now;
}
