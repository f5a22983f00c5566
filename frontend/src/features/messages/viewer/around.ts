import { AttachmentState, type Api, type Attachment, type Message } from "../../../api";
import { kindOf } from "./kind";

/** A file of a message. */
export interface Place {
  readonly message: Message;
  readonly file: Attachment;
}

const PAGE = 100;
/** So many pages are looked through for the next file; who looks on sees the end meanwhile. */
const MOST_PAGES = 30;

export const canLookAt = (file: Attachment) => file.state === AttachmentState.HERE && kindOf(file) !== null;

/** The next file of the conversation that can be looked at, or the previous one; null when there is none. */
export async function neighbour(api: Api, { message, file }: Place, direction: 1 | -1, signal?: AbortSignal): Promise<Place | null> {
  const within = (one: Message) => one.attachments.filter(canLookAt).map((found) => ({ message: one, file: found }));
  const pick = (places: readonly Place[]) => (direction > 0 ? places[0] : places.at(-1)) ?? null;
  const here = pick(within(message).filter((place) => (place.file.index - file.index) * direction > 0));
  if (here) return here;
  let { cursor } = message;
  for (let page = 0; page < MOST_PAGES; page++) {
    const from = direction > 0 ? { after: cursor } : { before: cursor };
    const { messages, hasBefore, hasAfter } = await api.chat.messages({ conversationId: message.conversationId, limit: PAGE, ...from }, { signal });
    const found = pick(messages.flatMap(within));
    const edge = direction > 0 ? messages.at(-1) : messages[0];
    if (found || !edge || !(direction > 0 ? hasAfter : hasBefore)) return found;
    ({ cursor } = edge);
  }
  return null;
}
