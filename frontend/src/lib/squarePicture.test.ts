import { expect, it } from "vitest";
import { MIDDLE, squareOf } from "./squarePicture";

it("cuts a square out of the middle, and wherever one moves it", () => {
  expect(squareOf(400, 300, MIDDLE)).toEqual({ x: 50, y: 0, side: 300 });
  expect(squareOf(300, 400, { zoom: 1, x: 0.5, y: 0 })).toEqual({ x: 0, y: 0, side: 300 });
  expect(squareOf(400, 400, { zoom: 2, x: 1, y: 0.5 })).toEqual({ x: 200, y: 100, side: 200 });
});

it("never leaves the picture", () => {
  expect(squareOf(400, 300, { zoom: 0.1, x: -3, y: 9 })).toEqual({ x: 0, y: 0, side: 300 });
  expect(squareOf(400, 300, { zoom: 99, x: 2, y: 2 })).toEqual({ x: 325, y: 225, side: 75 });
  expect(squareOf(1, 1, { zoom: 4, x: 1, y: 1 })).toEqual({ x: 0, y: 0, side: 1 });
});
