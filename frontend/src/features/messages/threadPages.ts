import type { Message, ThreadResponse } from "../../api";

/** Replies of one question; the program gives no more. */
const PAGE = 200;
/** More replies than this are not shown at once. */
const MOST = 5000;

type Ask = (page: { before?: string; limit: number }) => Promise<ThreadResponse>;

/** The last replies of a thread, as many as wanted, and back to the one that is looked for. */
export async function lastReplies(ask: Ask, wanted: number, sought: string): Promise<ThreadResponse> {
  const newest = await ask({ limit: Math.min(wanted, PAGE) });
  let { messages, hasBefore } = newest;
  const isFound = (page: readonly Message[]) => page.some(({ id }) => id === sought);
  let found = sought === "" || isFound(messages);
  while (hasBefore && messages.length < MOST && (messages.length < wanted || !found)) {
    const page = await ask({ before: messages[0]!.cursor, limit: found ? Math.min(wanted - messages.length, PAGE) : PAGE });
    if (page.messages.length === 0) break;
    found ||= isFound(page.messages);
    messages = [...page.messages, ...messages];
    hasBefore = page.hasBefore;
  }
  return { ...newest, messages, hasBefore: hasBefore && messages.length < MOST };
}
