/** Letters on an avatar: a Chinese person's family name, two characters of a longer name, or two Latin initials. */
export function avatarLetters(name: string): string {
  const trimmed = name.trim();
  if (trimmed === "") return "?";
  if (/\p{Script=Han}/u.test(trimmed)) {
    const han = [...trimmed].filter((character) => /\p{Script=Han}/u.test(character));
    return han.slice(0, han.length > 3 ? 2 : 1).join("");
  }
  const words = trimmed.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  if (words.length === 0) return [...segment(trimmed)][0] ?? "?";
  const first = [...words[0]!.replace(/^[^\p{L}\p{N}]+/u, "")][0] ?? "?";
  const last = words.length > 1 ? ([...words[words.length - 1]!.replace(/^[^\p{L}\p{N}]+/u, "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}

function* segment(text: string): Iterable<string> {
  if (typeof Intl.Segmenter === "function") {
    for (const part of new Intl.Segmenter().segment(text)) yield part.segment;
  } else yield* text;
}

/** One of six calm tints, always the same for the same ID. */
export function tint(id: string): 1 | 2 | 3 | 4 | 5 | 6 {
  let hash = 7;
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) >>> 0;
  return ((hash % 6) + 1) as 1 | 2 | 3 | 4 | 5 | 6;
}

/** Several names in one line, as each language separates them. */
export function joinNames(names: readonly string[], language: string): string {
  return names.join(language === "zh" ? "、" : ", ");
}
