import PinyinMatch from "pinyin-match";

/** Where a name matched: start and end (exclusive). */
export type Span = readonly [start: number, end: number];

/** Finds by text, by pinyin (lizhuoran), by initials (lzr), and by initials of Latin words (an → Anna Novák). */
export function match(text: string, query: string): Span | null {
  const wanted = query.trim();
  if (wanted === "") return [0, 0];
  const plain = fold(text).indexOf(fold(wanted));
  if (plain >= 0 && fold(text).length === text.length) return [plain, plain + wanted.length];
  const pinyin = PinyinMatch.match(text, wanted);
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

function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function initials(text: string, query: string): Span | null {
  const words = [...text.matchAll(/\p{L}[\p{L}\p{M}\p{N}'’-]*/gu)];
  const wanted = fold(query);
  for (let first = 0; first + wanted.length <= words.length; first++) {
    const run = words.slice(first, first + wanted.length);
    if (run.length >= 2 && run.map((word) => fold(word[0]).charAt(0)).join("") === wanted) {
      const last = run[run.length - 1]!;
      return [run[0]!.index, last.index + last[0].length];
    }
  }
  return null;
}
