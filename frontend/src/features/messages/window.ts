import type { Message, MessagesResponse } from "../../api";

/** The stretch of a conversation that is loaded, in reading order, without gaps. */
export interface Stretch {
  readonly messages: readonly Message[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
  readonly incomplete: boolean;
}

type Page = Pick<MessagesResponse, "messages" | "hasBefore" | "hasAfter" | "historyIncomplete">;

export function fromPage(page: Page): Stretch {
  return { messages: page.messages, hasBefore: page.hasBefore, hasAfter: page.hasAfter, incomplete: page.historyIncomplete };
}

/** Puts an older page in front. */
export function prepend(stretch: Stretch, page: Page): Stretch {
  const known = new Set(stretch.messages.map((message) => message.id));
  return {
    ...stretch,
    messages: [...page.messages.filter((message) => !known.has(message.id)), ...stretch.messages],
    hasBefore: page.hasBefore,
    incomplete: page.historyIncomplete,
  };
}

/** Puts a newer page behind. */
export function append(stretch: Stretch, page: Page): Stretch {
  const known = new Set(stretch.messages.map((message) => message.id));
  return {
    ...stretch,
    messages: [...stretch.messages, ...page.messages.filter((message) => !known.has(message.id))],
    hasAfter: page.hasAfter,
    incomplete: page.historyIncomplete,
  };
}

/**
 * Lays the newest page over a stretch that reached the newest message. States change and messages arrive late,
 * between others, so the page is the truth from its first message on. Null when the two do not touch: more
 * arrived than a page holds.
 */
export function overlay(stretch: Stretch, newest: Page): Stretch | null {
  if (stretch.messages.length === 0) return fromPage(newest);
  const fresh = new Set(newest.messages.map((message) => message.id));
  const touch = stretch.messages.findIndex((message) => fresh.has(message.id));
  if (touch < 0) return null;
  const kept = stretch.messages.slice(0, touch);
  // Where more is known to lie before, the page's surplus in front is left for scrolling: the list can hold its
  // place at one end at a time.
  const surplus = touch === 0 && stretch.hasBefore ? newest.messages.findIndex((message) => message.id === stretch.messages[0]!.id) : 0;
  return {
    messages: [...kept, ...newest.messages.slice(surplus)],
    hasBefore: kept.length > 0 || surplus > 0 ? stretch.hasBefore : newest.hasBefore,
    hasAfter: newest.hasAfter,
    incomplete: newest.historyIncomplete,
  };
}

/** The same, grown in front only, when it grew at both ends; null when it did not. */
export function frontFirst(before: Stretch, after: Stretch): Stretch | null {
  const first = before.messages[0]?.id;
  const last = before.messages.at(-1)?.id;
  const end = after.messages.findLastIndex((message) => message.id === last);
  const grewInFront = after.messages.findIndex((message) => message.id === first) > 0;
  return grewInFront && end >= 0 && end < after.messages.length - 1 ? { ...after, messages: after.messages.slice(0, end + 1) } : null;
}

/** Takes new states of known messages, when the stretch does not reach the newest one. */
export function update(stretch: Stretch, page: Page): Stretch {
  return { ...patch(stretch, page.messages), hasAfter: true };
}

/** Takes new states of known messages. */
export function patch(stretch: Stretch, messages: readonly Message[]): Stretch {
  const fresh = new Map(messages.map((message) => [message.id, message]));
  return { ...stretch, messages: stretch.messages.map((message) => fresh.get(message.id) ?? message) };
}

/** Whether the list has to hold its place from its end: something came or went in front of what both have. */
export function movedInFront(before: readonly string[], after: readonly string[]): boolean {
  const there = new Map(after.map((key, index) => [key, index]));
  for (const [index, key] of before.entries()) {
    const now = there.get(key);
    if (now !== undefined && key !== START) return now !== index;
  }
  return false;
}

/** Key of the row that says how the conversation began. */
export const START = "start";
