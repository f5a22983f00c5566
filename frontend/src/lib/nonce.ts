/** A fresh random name for one attempt. randomUUID is missing on custom schemes that are no secure context. */
export function nonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
