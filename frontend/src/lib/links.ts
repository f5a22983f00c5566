// Only addresses that a person can read become links; everything else stays text. Nothing of a message is ever parsed as HTML.

export interface Piece {
  readonly text: string;
  /** Present when the piece is a link: http, https or mailto only. */
  readonly href?: string;
}

const CANDIDATE = /(?:https?:\/\/|www\.)[^\s<>"'`，。；：！？、（）【】《》“”‘’]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu;
const TRAILING = /[.,;:!?)\]}>*_~]+$/u;

export function splitLinks(text: string): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const found of text.matchAll(CANDIDATE)) {
    let shown = found[0];
    const tail = TRAILING.exec(shown)?.[0] ?? "";
    // A closing bracket belongs to the address when it was opened in it.
    if (tail !== "" && !(tail === ")" && shown.includes("("))) shown = shown.slice(0, -tail.length);
    const href = address(shown);
    if (!href) continue;
    if (found.index > done) pieces.push({ text: text.slice(done, found.index) });
    pieces.push({ text: shown, href });
    done = found.index + shown.length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done) });
  return pieces;
}

function address(shown: string): string | null {
  const candidate = /^https?:/i.test(shown) ? shown : shown.includes("@") && !/^www\./i.test(shown) ? `mailto:${shown}` : `https://${shown}`;
  try {
    const url = new URL(candidate);
    // Userinfo in an address only ever serves to mislead.
    if (url.protocol !== "mailto:" && (url.username !== "" || !url.hostname.includes(".") && url.hostname !== "localhost")) return null;
    return url.href;
  } catch {
    return null;
  }
}
