// Drafts stay on this screen only: they are neither sent nor logged. Where the webview forbids storage they live until it closes.

const PREFIX = "roundtable.draft.";
const memory = new Map<string, string>();

export function readDraft(conversationID: string): string {
  try {
    return localStorage.getItem(PREFIX + conversationID) ?? memory.get(conversationID) ?? "";
  } catch {
    return memory.get(conversationID) ?? "";
  }
}

export function writeDraft(conversationID: string, text: string): void {
  if (text === "") memory.delete(conversationID);
  else memory.set(conversationID, text);
  try {
    if (text === "") localStorage.removeItem(PREFIX + conversationID);
    else localStorage.setItem(PREFIX + conversationID, text);
  } catch {
    // Full or forbidden: memory holds it.
  }
}
