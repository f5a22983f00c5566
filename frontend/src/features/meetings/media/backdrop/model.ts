import { write, type Cell, type Node } from "./flat";

// The model of people (Apache-2.0, "MediaPipe Selfie Segmentation") comes from its own npm package, made for an older program that knew by itself what
// goes in: pixels from 0 to 1. The one that is kept up asks the model's own description for that (https://ai.google.dev/edge/litert/models/metadata),
// and this model has none. So it gets one: in front of the file, which stays as it is. The new root names the old parts and one more.

const VERSION = 0;
const OPERATOR_CODES = 1;
const SUBGRAPHS = 2;
const DESCRIPTION = 3;
const BUFFERS = 4;

/** Puts a description in front of a model. Throws when this is no such model. */
export function described(model: Uint8Array): Uint8Array {
  const view = new DataView(model.buffer, model.byteOffset, model.byteLength);
  if (model.length < 64 || text(model, 4, 4) !== "TFL3") throw new Error("model: not TensorFlow Lite");
  const root = view.getUint32(0, true);
  const vtable = root - view.getInt32(root, true);
  const field = (index: number) => (4 + 2 * index < view.getUint16(vtable, true) ? view.getUint16(vtable + 4 + 2 * index, true) : 0);
  const target = (at: number) => at + view.getUint32(at, true);
  const old = (index: number): Cell | null => (field(index) === 0 ? null : { at: target(root + field(index)) });
  const buffers = old(BUFFERS);
  if (!buffers || !("at" in buffers)) throw new Error("model: no buffers");
  const count = view.getUint32(buffers.at, true);
  const all: Cell[] = Array.from({ length: count }, (_, index) => ({ at: target(buffers.at + 4 + 4 * index) }));
  const prefix = write({
    table: [
      { u32: view.getUint32(root + field(VERSION), true) }, old(OPERATOR_CODES), old(SUBGRAPHS), old(DESCRIPTION),
      { to: { vector: [...all, { to: { table: [{ to: { bytes: description() } }] } }] } }, null,
      { to: { vector: [{ to: { table: [{ to: { text: "TFLITE_METADATA" } }, { u32: count }] } }] } },
    ],
  }, "TFL3", 64);
  const out = new Uint8Array(prefix.length + model.length);
  out.set(prefix);
  out.set(model, prefix.length);
  return out;
}

/** One picture goes in, red, green and blue from 0 to 1; how much each pixel is of a person comes out. */
function description(): Uint8Array {
  const normalised: Node = { table: [{ u8: 1 }, { to: { table: [{ to: { vector: [{ f32: 0 }] } }, { to: { vector: [{ f32: 255 }] } }] } }] };
  const picture: Node = { table: [{ u8: 2 }, { to: { table: [{ u8: 1 }] } }] };
  const input: Node = { table: [{ to: { text: "image" } }, null, null, { to: picture }, { to: { vector: [{ to: normalised }] } }] };
  const output: Node = { table: [{ to: { text: "person" } }] };
  const subgraph: Node = { table: [null, null, { to: { vector: [{ to: input }] } }, { to: { vector: [{ to: output }] } }] };
  return write({ table: [{ to: { text: "Selfie Segmentation" } }, null, null, { to: { vector: [{ to: subgraph }] } }] }, "M001");
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
