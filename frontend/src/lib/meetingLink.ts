// A link to a meeting, as it stands in a message: roundtable:meeting/<conversationId>, or with what was planned: …/<plannedId>. It names a place
// and lets nobody in: who does not belong to the conversation sees that there is a meeting, and nothing more.

export interface MeetingLink {
  readonly conversation: string;
  /** "" is whatever goes on in the conversation. */
  readonly planned: string;
}

const PREFIX = "roundtable:meeting/";
const CANDIDATE = /roundtable:meeting\/[\w-]+(?:\/[\w-]+)?/g;

export function formatMeetingLink({ conversation, planned }: MeetingLink): string {
  return `${PREFIX}${conversation}${planned === "" ? "" : `/${planned}`}`;
}

export function parseMeetingLink(text: string): MeetingLink | null {
  const [, conversation, planned = ""] = /^roundtable:meeting\/([\w-]+)(?:\/([\w-]+))?$/.exec(text) ?? [];
  return conversation === undefined ? null : { conversation, planned };
}

/** The text, with the links in it apart. */
export function splitMeetingLinks(text: string): (string | MeetingLink)[] {
  const pieces: (string | MeetingLink)[] = [];
  let done = 0;
  for (const found of text.matchAll(CANDIDATE)) {
    const link = parseMeetingLink(found[0]);
    if (!link) continue;
    if (found.index > done) pieces.push(text.slice(done, found.index));
    pieces.push(link);
    done = found.index + found[0].length;
  }
  if (done < text.length || pieces.length === 0) pieces.push(text.slice(done));
  return pieces;
}
