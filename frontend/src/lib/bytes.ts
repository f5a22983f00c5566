/** Longest text of one message, in bytes of UTF-8. The program enforces it; the screen only warns in time. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

const encoder = new TextEncoder();

export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}

/** Bytes left once the end comes near, else null: nobody wants to see a counter at every word. */
export function bytesLeftToShow(text: string): number | null {
  // A UTF-16 unit is at most three bytes, so short texts need no encoding.
  if (text.length * 3 < MAX_MESSAGE_BYTES * 0.9) return null;
  const left = MAX_MESSAGE_BYTES - utf8Length(text);
  return left < MAX_MESSAGE_BYTES * 0.1 ? left : null;
}
