// A small part of Markdown, as chat programs have it: code, quotes, bold, italic, struck, links with words. Everything
// else stays as it was typed. Nothing is ever parsed as HTML, and a text without marks comes out as one piece.

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "quote"; readonly text: string }
  | { readonly kind: "code"; readonly text: string; readonly language: string };

export type Inline =
  | { readonly kind: "text" | "code"; readonly text: string }
  | { readonly kind: "strong" | "em" | "strike"; readonly of: readonly Inline[] }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

const FENCE = /^```([\w+#.-]{0,20})[ \t]*$/;

/** Cuts a text into blocks. A fence that is never closed is no fence. */
export function blocks(text: string): Block[] {
  if (!text.includes("```") && !/^> /m.test(text)) return [{ kind: "text", text }];
  const out: Block[] = [];
  const lines = text.split("\n");
  let plain: string[] = [];
  const flush = () => {
    const joined = plain.join("\n");
    if (joined.trim() !== "") out.push({ kind: "text", text: joined.replace(/^\n+|\n+$/g, "") });
    plain = [];
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const fence = FENCE.exec(line);
    const end = fence ? lines.findIndex((other, index) => index > at && /^```[ \t]*$/.test(other)) : -1;
    if (fence && end > at) {
      flush();
      out.push({ kind: "code", text: lines.slice(at + 1, end).join("\n"), language: fence[1] ?? "" });
      at = end;
    } else if (line.startsWith("> ")) {
      flush();
      const quoted = [line.slice(2)];
      while (lines[at + 1]?.startsWith(">")) quoted.push(lines[++at]!.replace(/^> ?/, ""));
      out.push({ kind: "quote", text: quoted.join("\n") });
    } else plain.push(line);
  }
  flush();
  return out;
}

const MARKS = [["**", "strong"], ["~~", "strike"], ["*", "em"]] as const;
const LINK = /^\[([^[\]\n]{1,200})\]\((https?:\/\/[^\s()<>"']{1,2000})\)/;
const word = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** Reads the marks within a text. A mark that is never closed is text. */
export function inline(text: string, depth = 0): Inline[] {
  const out: Inline[] = [];
  let plain = "";
  const push = (piece: Inline) => {
    if (plain !== "") out.push({ kind: "text", text: plain });
    plain = "";
    out.push(piece);
  };
  for (let at = 0; at < text.length;) {
    const found = "`*~[".includes(text[at]!) ? read(text, at, depth) : null;
    if (found) {
      push(found.piece);
      at = found.end;
    } else plain += text[at++]!;
  }
  if (plain !== "") out.push({ kind: "text", text: plain });
  return out;
}

function read(text: string, at: number, depth: number): { piece: Inline; end: number } | null {
  if (text[at] === "`") {
    const end = text.indexOf("`", at + 1);
    const code = text.slice(at + 1, end);
    return end > at + 1 && !code.includes("\n") ? { piece: { kind: "code", text: code }, end: end + 1 } : null;
  }
  if (text[at] === "[") {
    const link = LINK.exec(text.slice(at, at + 2300));
    return link ? { piece: { kind: "link", text: link[1]!, href: link[2]! }, end: at + link[0].length } : null;
  }
  for (const [mark, kind] of MARKS) {
    if (!text.startsWith(mark, at)) continue;
    const from = at + mark.length;
    const end = text.indexOf(mark, from);
    const inner = text.slice(from, end);
    if (depth > 3 || end <= from || inner.includes("\n") || inner.trim() !== inner || inner.startsWith("*")) return null;
    // 2*3*4 is a product.
    if (mark === "*" && (word(text[at - 1]) || word(text[end + 1]) || text[end + 1] === "*")) return null;
    return { piece: { kind, of: inline(inner, depth + 1) }, end: end + mark.length };
  }
  return null;
}

/** The text without its marks, for one line in a list. */
export function unmarked(text: string): string {
  const flat = (all: readonly Inline[]): string => all.map((piece) => ("of" in piece ? flat(piece.of) : piece.text)).join("");
  return blocks(text).map((block) => (block.kind === "code" ? block.text : flat(inline(block.text)))).join(" ");
}
