import { match } from "../lib/match";

/** A text with the part that matched marked. */
export function Highlight({ text, query }: { text: string; query: string }) {
  const span = query.trim() === "" ? null : match(text, query);
  if (!span || span[1] <= span[0]) return <bdi>{text}</bdi>;
  return <bdi>{text.slice(0, span[0])}<mark>{text.slice(span[0], span[1])}</mark>{text.slice(span[1])}</bdi>;
}
