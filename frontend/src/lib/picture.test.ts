import { expect, it } from "vitest";
import { box } from "./picture";

it("gives a picture its own shape, no larger than its place and never enlarged", () => {
  expect(box(640, 360)).toEqual({ width: 320, height: 180 });
  expect(box(720, 1280)).toEqual({ width: 146, height: 260 });
  expect(box(100, 80)).toEqual({ width: 100, height: 80 });
  expect(box(1, 1)).toEqual({ width: 48, height: 48 });
  expect(box(60_000, 100)).toEqual({ width: 320, height: 48 });
});
