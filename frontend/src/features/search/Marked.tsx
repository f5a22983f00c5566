import { Fragment } from "react";

/** A text with what was found in it marked. Marks are pairs of begin and end, in UTF-16 units, as the door gives them. */
export function Marked({ text, marks }: { text: string; marks: readonly number[] }) {
  return (
    <bdi>
      {pieces(text, marks).map(([piece, isMarked], index) => isMarked ? <mark key={index}>{piece}</mark> : <Fragment key={index}>{piece}</Fragment>)}
    </bdi>
  );
}

/** Cuts a text at its marks; those that make no sense are left out. */
export function pieces(text: string, marks: readonly number[]): readonly (readonly [text: string, isMarked: boolean])[] {
  const out: [string, boolean][] = [];
  let at = 0;
  for (let i = 0; i + 1 < marks.length; i += 2) {
    const [from, to] = [marks[i]!, marks[i + 1]!];
    if (from < at || to <= from || to > text.length) continue;
    if (from > at) out.push([text.slice(at, from), false]);
    out.push([text.slice(from, to), true]);
    at = to;
  }
  if (at < text.length) out.push([text.slice(at), false]);
  return out;
}
