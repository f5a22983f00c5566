import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { canBlur } from "./can";
import { described } from "./model";
import { blurBehind, shown, shrunk, small } from "./pixels";

const model = new Uint8Array(readFileSync(join(dirname(createRequire(import.meta.url).resolve("@mediapipe/selfie_segmentation/package.json")), "selfie_segmentation.tflite")));

/** Reads a table of a FlatBuffer, as little as this test needs. */
function reader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const target = (at: number) => at + view.getUint32(at, true);
  const field = (table: number, index: number) => {
    const vtable = table - view.getInt32(table, true);
    const offset = 4 + 2 * index < view.getUint16(vtable, true) ? view.getUint16(vtable + 4 + 2 * index, true) : 0;
    return offset === 0 ? 0 : table + offset;
  };
  const vector = (at: number) => Array.from({ length: view.getUint32(at, true) }, (_, index) => at + 4 + 4 * index);
  const text = (at: number) => new TextDecoder().decode(bytes.subarray(at + 4, at + 4 + view.getUint32(at, true)));
  return { view, root: target(0), target, field, vector, text };
}

describe("the model's description", () => {
  it("stands before the model, whose parts are where they were", () => {
    const whole = described(model);
    const shift = whole.length - model.length;
    expect(shift % 64).toBe(0);
    expect(Buffer.compare(whole.subarray(shift), model)).toBe(0);
    const [was, is] = [reader(model), reader(whole)];
    expect(is.view.getUint32(is.field(is.root, 0), true)).toBe(3);
    for (const index of [1, 2, 3]) expect(is.target(is.field(is.root, index))).toBe(was.target(was.field(was.root, index)) + shift);
    const buffers = (one: ReturnType<typeof reader>) => one.vector(one.target(one.field(one.root, 4))).map((at) => one.target(at));
    expect(buffers(is).slice(0, -1)).toEqual(buffers(was).map((at) => at + shift));
    const [entry] = is.vector(is.target(is.field(is.root, 6)));
    const named = is.target(entry!);
    expect(is.text(is.target(is.field(named, 0)))).toBe("TFLITE_METADATA");
    expect(is.view.getUint32(is.field(named, 1), true)).toBe(buffers(was).length);
    // What it says: one input from 0 to 1, one output.
    const data = is.target(is.field(buffers(is).at(-1)!, 0));
    expect((data + 4) % 16).toBe(0);
    const said = reader(whole.slice(data + 4, data + 4 + is.view.getUint32(data, true)));
    const first = (table: number, index: number) => said.target(said.vector(said.target(said.field(table, index)))[0]!);
    const subgraph = first(said.root, 3);
    const unit = first(first(subgraph, 2), 4);
    const options = said.target(said.field(unit, 1));
    const value = (index: number) => said.view.getFloat32(said.vector(said.target(said.field(options, index)))[0]!, true);
    expect([value(0), value(1)]).toEqual([0, 255]);
    expect(said.text(said.target(said.field(first(subgraph, 3), 0)))).toBe("person");
  });

  it("is refused for what is no model", () => {
    expect(() => described(new Uint8Array(10))).toThrow();
    expect(() => described(new TextEncoder().encode("<!doctype html>".repeat(20)))).toThrow();
  });
});

describe("pixels", () => {
  it("who is surely there is sharp, what surely is not is not, and edges do not jump", () => {
    const sharp = new Uint8ClampedArray(3);
    for (let i = 0; i < 12; i++) shown(Float32Array.of(0.05, 0.5, 0.95), sharp);
    expect(sharp[0]).toBeLessThan(3);
    expect(sharp[1]).toBeGreaterThan(60);
    expect(sharp[1]).toBeLessThan(200);
    expect(sharp[2]).toBeGreaterThan(250);
    shown(Float32Array.of(1, 1, 1), sharp);
    expect(sharp[0]).toBeLessThan(200);
  });

  it("blurs a room until stripes are gone, and mixes no colour of the person into it", () => {
    const [width, height] = [48, 24];
    const rgba = new Uint8ClampedArray(width * height * 4);
    const person = new Uint8ClampedArray(width * height);
    for (let i = 0; i < width * height; i++) {
      const x = i % width;
      const isPerson = x >= 20 && x < 28;
      rgba.set(isPerson ? [255, 0, 0, 255] : x % 2 === 0 ? [0, 200, 0, 255] : [0, 0, 200, 255], 4 * i);
      person[i] = isPerson ? 255 : 0;
    }
    blurBehind(rgba, person, width, height, 5);
    const at = (x: number, y: number) => [...rgba.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)];
    for (const x of [0, 8, 9, 18, 19, 30, 47]) {
      const [r, g, b, a] = at(x, 12) as [number, number, number, number];
      expect(r, `red at ${x}`).toBeLessThan(12);
      // At the edge the last column counts again and again.
      expect(Math.abs(g - b), `stripes at ${x}`).toBeLessThan(x === 0 || x === 47 ? 80 : 50);
      expect(a).toBe(255);
    }
  });

  it("a mask that is made smaller loses nothing of the person", () => {
    expect([...shrunk(Uint8ClampedArray.of(0, 9, 0, 0, 0, 0, 0, 7), { width: 4, height: 2 }, { width: 2, height: 1 })]).toEqual([9, 7]);
    expect([...shrunk(Uint8ClampedArray.of(3, 1), { width: 2, height: 1 }, { width: 2, height: 1 })]).toEqual([3, 1]);
  });

  it("small pictures keep their shape", () => {
    expect(small(1280, 720, 256)).toEqual({ width: 256, height: 144 });
    expect(small(480, 640, 256)).toEqual({ width: 192, height: 256 });
    expect(small(160, 120, 256)).toEqual({ width: 160, height: 120 });
  });
});

it("knows what it needs of a browser", () => {
  const all = { Worker: 1, OffscreenCanvas: 1, WebAssembly: 1, createImageBitmap: 1, ImageData: 1 };
  expect(canBlur(all)).toBe(true);
  for (const name of Object.keys(all)) expect(canBlur({ ...all, [name]: undefined })).toBe(false);
});
