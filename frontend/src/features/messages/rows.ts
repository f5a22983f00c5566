import type { Message } from "../../api";
import { isSameDay } from "../../lib/time";

export interface Row {
  readonly message: Message;
  /** A day begins here. */
  readonly day: boolean;
  /** The line "new messages" stands before it. */
  readonly isNew: boolean;
  /** Name and time are shown: another author, another day, or a while later. */
  readonly head: boolean;
}

const GROUP_MS = 5 * 60_000;

/**
 * What each message carries besides its text. Everything belongs to a message's own row, so that rows never come or
 * go when older messages are put in front: only the very first row changes, and that one is out of sight then.
 */
export function rows(messages: readonly Message[], firstUnreadID: string, fromStart: boolean): Row[] {
  return messages.map((message, index) => {
    const before = messages[index - 1];
    const day = before ? !isSameDay(Number(before.sentUnixMs), Number(message.sentUnixMs)) : fromStart;
    const isNew = message.id === firstUnreadID;
    const head = !before || day || isNew || before.personId !== message.personId || Number(message.sentUnixMs - before.sentUnixMs) > GROUP_MS;
    return { message, day, isNew, head };
  });
}
