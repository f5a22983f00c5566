import type { Api } from "../../api";

const OLD = "roundtable.draft.";
const begun = new WeakMap<Api, Promise<void>>();

/** Takes over, once, the drafts that an older screen kept in the page's own storage. */
export function takeOver(api: Api): Promise<void> {
  const known = begun.get(api) ?? carry(api);
  begun.set(api, known);
  return known;
}

async function carry(api: Api): Promise<void> {
  for (const key of oldKeys()) {
    // The name of a space has a fixed length; what follows is that of a thread.
    const [, conversationId, threadId] = /^(spc_[a-z2-7]{52})(.*)$/.exec(key.slice(OLD.length)) ?? [];
    if (conversationId === undefined) continue;
    const text = localStorage.getItem(key) ?? "";
    try {
      if (text !== "") await api.drafts.keep({ conversationId, threadId: threadId ?? "", text, onlyFirst: true });
      localStorage.removeItem(key);
    } catch {
      // Tried again at the next start.
    }
  }
}

function oldKeys(): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`${OLD}spc_`));
  } catch {
    return []; // storage is forbidden, so there is nothing
  }
}
