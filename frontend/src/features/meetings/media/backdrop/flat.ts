// A writer of FlatBuffers, as small as this use allows: parents stand before their children, so every offset leads forward, as the format wants it.
// The format: https://flatbuffers.dev/internals/

/** What a table or a vector may hold. */
export type Cell = { readonly u8: number } | { readonly u32: number } | { readonly f32: number } | { readonly to: Node } | { readonly at: number };

export type Node =
  | { readonly table: readonly (Cell | null)[] }
  | { readonly vector: readonly Cell[] }
  | { readonly text: string }
  | { readonly bytes: Uint8Array };

/**
 * Writes a buffer whose root is `root`. A cell `{at}` is the place of something in bytes that will follow this buffer, counted from their beginning;
 * the buffer's length is a multiple of `align`, so what was aligned there stays so.
 */
export function write(root: Node, identifier: string, align = 16): Uint8Array {
  const size = measure(root);
  const total = Math.ceil((8 + size) / align) * align;
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  for (let i = 0; i < 4; i++) view.setUint8(4 + i, identifier.charCodeAt(i));
  let end = 8;
  const waiting: { readonly from: number; readonly node: Node }[] = [{ from: 0, node: root }];
  const cell = (at: number, value: Cell) => {
    if ("u8" in value) view.setUint8(at, value.u8);
    else if ("u32" in value) view.setUint32(at, value.u32, true);
    else if ("f32" in value) view.setFloat32(at, value.f32, true);
    else if ("at" in value) view.setUint32(at, total + value.at - at, true);
    else waiting.push({ from: at, node: value.to });
  };
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { node } = next;
    let place: number;
    if ("table" in node) {
      const fields = node.table;
      end = up(end, 4);
      place = up(end + 4 + 2 * fields.length, 4);
      view.setUint16(end, 4 + 2 * fields.length, true);
      view.setUint16(end + 2, 4 + 4 * fields.length, true);
      view.setInt32(place, place - end, true);
      fields.forEach((field, index) => {
        view.setUint16(end + 4 + 2 * index, field === null ? 0 : 4 + 4 * index, true);
        if (field) cell(place + 4 + 4 * index, field);
      });
      end = place + 4 + 4 * fields.length;
    } else if ("vector" in node) {
      place = up(end, 4);
      view.setUint32(place, node.vector.length, true);
      node.vector.forEach((value, index) => cell(place + 4 + 4 * index, value));
      end = place + 4 + 4 * node.vector.length;
    } else {
      const bytes = "text" in node ? new TextEncoder().encode(node.text) : node.bytes;
      // The bytes themselves lie on a multiple of 16; a text ends with a zero that is not counted.
      place = up(end + 4, 16) - 4;
      view.setUint32(place, bytes.length, true);
      out.set(bytes, place + 4);
      end = place + 4 + bytes.length + 1;
    }
    view.setUint32(next.from, place - next.from, true);
  }
  return out;
}

function up(at: number, to: number): number {
  return Math.ceil(at / to) * to;
}

/** Not less than what a node and its children take. */
function measure(node: Node): number {
  if ("text" in node) return 24 + 3 * node.text.length;
  if ("bytes" in node) return 24 + node.bytes.length;
  const cells = "table" in node ? node.table : node.vector;
  let size = 16 + 6 * cells.length;
  for (const value of cells) if (value && "to" in value) size += measure(value.to);
  return size;
}
