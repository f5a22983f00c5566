// Mentions are bound by their words: "@" and a name in the text. Whom one chose from the list goes before others of that name.

export interface Mentionable {
  readonly personId: string;
  readonly name: string;
}

export interface MentionOf {
  /** "" is everybody. */
  readonly personId: string;
  readonly label: string;
}

const MOST = 100;

/** Whom a text mentions, the longest name first; everybody only where `everyone` has words for it. */
export function mentionsIn(text: string, people: readonly Mentionable[], chosen: ReadonlyMap<string, string>, everyone: readonly string[]): MentionOf[] {
  const found = new Map<string, MentionOf>();
  for (let at = text.indexOf("@"); at >= 0 && found.size < MOST; at = text.indexOf("@", at + 1)) {
    const all = everyone.find((words) => text.startsWith(words, at + 1));
    if (all !== undefined) {
      found.set("", { personId: "", label: all });
      continue;
    }
    let best: Mentionable | undefined;
    for (const person of people) {
      if (person.name === "" || !text.startsWith(person.name, at + 1)) continue;
      if (!best || person.name.length > best.name.length || (person.name === best.name && chosen.get(person.name) === person.personId)) best = person;
    }
    if (best) found.set(best.personId, { personId: best.personId, label: best.name });
  }
  return [...found.values()];
}

/** What is being typed after an "@" just before the caret; null when nothing is. */
export function mentionQuery(text: string, caret: number): { readonly from: number; readonly query: string } | null {
  const from = text.lastIndexOf("@", caret - 1);
  if (from < 0 || from >= caret || caret - from > 40) return null;
  // An address of mail is no mention.
  if (from > 0 && /[\w.]/.test(text[from - 1]!)) return null;
  const query = text.slice(from + 1, caret);
  return /[\s@]/.test(query) ? null : { from, query };
}

/** Cuts a text at its mentions. */
export function splitMentions(text: string, mentions: readonly MentionOf[]): (string | MentionOf)[] {
  if (mentions.length === 0 || !text.includes("@")) return [text];
  const byLength = [...mentions].sort((a, b) => b.label.length - a.label.length);
  const out: (string | MentionOf)[] = [];
  let done = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const mention = byLength.find(({ label }) => text.startsWith(label, at + 1));
    if (!mention) continue;
    if (at > done) out.push(text.slice(done, at));
    out.push(mention);
    done = at + 1 + mention.label.length;
  }
  if (done < text.length) out.push(text.slice(done));
  return out;
}
