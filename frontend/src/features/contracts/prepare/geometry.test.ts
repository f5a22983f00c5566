import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ContractFieldSchema, FieldType } from "../../../api";
import { centred, clamp, copies, freePlace, resize, SMALLEST, snap, type Box } from "./geometry";

const A4 = { width: 595, height: 842 };
const box = (x: number, y: number, width = 100, height = 20): Box => ({ x, y, width, height });

it("keeps a field on its page, and makes it smaller only when it does not fit", () => {
  expect(clamp(box(-30, 830), A4)).toEqual(box(0, 822));
  expect(clamp(box(560, 10), A4)).toEqual(box(495, 10));
  expect(clamp(box(0, 0, 900, 20), A4)).toEqual(box(0, 0, 595, 20));
  expect(clamp(box(5, 5, 2, 2), A4).width).toBe(SMALLEST);
});

it("resizes from the lower right corner, seals as squares", () => {
  expect(resize(box(10, 10), 30, 5, A4)).toEqual(box(10, 10, 130, 25));
  expect(resize(box(10, 10), -500, -500, A4)).toEqual(box(10, 10, SMALLEST, SMALLEST));
  expect(resize(box(500, 10), 300, 0, A4).width).toBe(95);
  const seal = resize(box(10, 10, 119, 119), 20, 3, A4, true);
  expect(seal.width).toBe(seal.height);
});

it("snaps to the edges and middles of others and to the middle of the page, when it is near", () => {
  expect(snap(box(103, 300), [box(100, 500)], A4)).toMatchObject({ box: { x: 100 }, vertical: 100, horizontal: null });
  expect(snap(box(40, 503), [box(300, 500)], A4)).toMatchObject({ box: { y: 500 }, horizontal: 500 });
  expect(snap(box(249, 10), [], A4)).toMatchObject({ box: { x: 247.5 }, vertical: 297.5 });
  expect(snap(box(110, 300), [box(100, 500)], A4)).toMatchObject({ box: { x: 110 }, vertical: null });
});

it("puts a new field where none stands", () => {
  const first = freePlace(FieldType.SEAL, [], A4);
  const second = freePlace(FieldType.SIGNATURE, [first], A4);
  const third = freePlace(FieldType.TEXT, [first, second], A4);
  const apart = (a: Box, b: Box) => a.y + a.height <= b.y || b.y + b.height <= a.y || a.x + a.width <= b.x || b.x + b.width <= a.x;
  expect(apart(first, second) && apart(second, third) && apart(first, third)).toBe(true);
  expect(centred(FieldType.CHECKBOX, 0, 0, A4)).toMatchObject({ x: 0, y: 0 });
});

it("copies a field to all other pages, once, and inside smaller ones", () => {
  const field = create(ContractFieldSchema, { id: "a", type: FieldType.INITIALS, party: 1, page: 1, x: 520, y: 790, width: 64, height: 36 });
  let count = 0;
  const id = () => `n${++count}`;
  const made = copies(field, [field], [A4, A4, { width: 420, height: 595 }], id);
  expect(made.map(({ id: name, page, x, y }) => [name, page, x, y])).toEqual([["n1", 2, 520, 790], ["n2", 3, 356, 559]]);
  expect(copies(field, [field, ...made], [A4, A4, { width: 420, height: 595 }], id)).toEqual([]);
});
