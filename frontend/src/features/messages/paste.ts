import type { ClipboardEvent } from "react";
import { MAX_MESSAGE_BYTES } from "../../lib/bytes";

/** The files that somebody pastes, named where the clipboard does not; null where text is meant, which goes into the field. */
export function pastedFiles({ clipboardData }: ClipboardEvent, names: { readonly text: string; readonly screenshot: string }): { files: File[]; fromText: boolean } | null {
  const stamp = new Date().toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
  const words = clipboardData.getData("text/plain");
  // No message takes so much, and a field with fifty megabytes in it holds up the page: nothing of it is lost.
  if (words.length > MAX_MESSAGE_BYTES) return { files: [new File([words], `${names.text} ${stamp}.txt`, { type: "text/plain" })], fromText: true };
  const pasted = [...clipboardData.files];
  // Office programs put a picture of the text beside it: then the text is meant.
  if (pasted.length === 0 || clipboardData.types.includes("text/plain")) return null;
  return { files: pasted.map((file) => (file.name === "image.png" ? new File([file], `${names.screenshot} ${stamp}.png`, { type: file.type }) : file)), fromText: false };
}
