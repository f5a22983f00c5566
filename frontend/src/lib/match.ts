import PinyinMatch from "pinyin-match";

/** Where a name matched: start and end (exclusive). */
export type Span = readonly [start: number, end: number];

/** Finds by text, by pinyin (lizhuoran), by initials (lzr), and by initials of Latin words (an → Anna Novák). */
export function match(text: string, query: string): Span | null {
  const wanted = query.trim();
  if (wanted === "") return [0, 0];
  const plain = fold(text).indexOf(fold(wanted));
  if (plain >= 0 && fold(text).length === text.length) return [plain, plain + wanted.length];
  const pinyin = mayMatch(text.normalize(), wanted.toLowerCase()) && PinyinMatch.match(text, wanted);
  if (pinyin) return [pinyin[0], pinyin[1] + 1];
  return initials(text, wanted);
}

/** First of several texts that matches, with its index. */
export function matchAny(texts: readonly string[], query: string): { index: number; span: Span } | null {
  for (const [index, text] of texts.entries()) {
    const span = text === "" ? null : match(text, query);
    if (span) return { index, span };
  }
  return null;
}

/** What was worked out before: thousands of names are looked at for each letter that somebody types, and are the same each time. */
const KEPT = 50_000;
const folds = new Map<string, string>();
const beginnings = new Map<string, boolean>();

function kept<T>(known: Map<string, T>, key: string, make: () => T): T {
  let value = known.get(key);
  if (value === undefined) {
    if (known.size >= KEPT) known.clear();
    known.set(key, (value = make()));
  }
  return value;
}

function fold(text: string): string {
  return kept(folds, text, () => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase());
}

/** Whether some sign is read as the beginning of what is wanted, and the next one goes on with it: to look at all of a name takes many times as long. */
function mayMatch(text: string, wanted: string): boolean {
  for (let at = 0; at < text.length; at++) {
    for (let length = 1; reads(text.charAt(at), wanted.slice(0, length)); length++) {
      if (length === wanted.length || reads(nextSign(text, at), wanted.charAt(length))) return true;
    }
  }
  return false;
}

function nextSign(text: string, at: number): string {
  let next = at + 1;
  while (/[\s\p{M}]/u.test(text.charAt(next))) next++;
  return text.charAt(next);
}

const reads = (sign: string, beginning: string): boolean => kept(beginnings, sign + beginning, () => PinyinMatch.match(sign, beginning) !== false);

/** Two words at least have something between them. */
const BETWEEN = /[^\p{L}\p{M}\p{N}'’-]/u;

function initials(text: string, query: string): Span | null {
  const wanted = fold(query);
  if (wanted.length < 2 || !BETWEEN.test(text)) return null;
  const words = [...text.matchAll(/\p{L}[\p{L}\p{M}\p{N}'’-]*/gu)];
  for (let first = 0; first + wanted.length <= words.length; first++) {
    const run = words.slice(first, first + wanted.length);
    if (run.length >= 2 && run.map((word) => fold(word[0]).charAt(0)).join("") === wanted) {
      const last = run[run.length - 1]!;
      return [run[0]!.index, last.index + last[0].length];
    }
  }
  return null;
}
