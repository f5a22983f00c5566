import type { Message } from "../../../api";
import { within } from "../../../lib/time";

/** Of one call. */
export interface Elapsing {
  readonly startedUnixMs: bigint;
}

/**
 * How long a meeting goes on, in ms. When it began is said by the clock of whoever began it: where that one runs ahead of ours, what counts is when
 * we came in. A week is the longest that a note may say.
 */
export function elapsed(call: Elapsing, joinedUnixMs: bigint | undefined, now: number): number {
  const started = Number(call.startedUnixMs);
  const began = joinedUnixMs ? Math.min(started, Number(joinedUnixMs)) : started;
  return Math.min(Math.max(now - began, 0), 7 * 86_400_000);
}

/** All notes as plain text, for a mail or a document. Lines of one note stand below each other. */
export function notesText(title: string, when: string, notes: readonly Pick<Message, "text" | "personName" | "note">[]): string {
  const lines = notes.map(({ text, personName, note }) => `${within(Number(note?.atMs ?? 0n))} ${personName}: ${text.replace(/\n/g, "\n         ")}`);
  return [`${title} · ${when}`, "", ...lines, ""].join("\n");
}
